/* The words of the resident's pages, in Chinese and English. */
#pragma once

#define WORDS(X) \
    X(TITLE, "上报问题", "Report a problem") \
    X(LEAD, "路灯不亮、井盖破损、垃圾堆放……一分钟说清楚，每一步都看得到。不用注册。", \
      "A dead street light, a broken manhole cover, dumped rubbish: say it in a minute, follow every step. No " \
      "account " \
      "needed.") \
    X(OTHER_LANGUAGE, "English", "中文") \
    X(WHAT, "是什么问题？", "What is it about?") \
    X(CHOOSE, "请选择", "Please choose") \
    X(DETAILS, "具体情况", "What have you seen?") \
    X(DETAILS_HINT, "请勿填写他人姓名、电话等个人信息。", "Please leave out other people's names and numbers.") \
    X(PLACE, "在哪里？", "Where is it?") \
    X(PLACE_HINT, "路名、门牌号、附近的标志物", "Street, number, what is near by") \
    X(POSITION, "使用我的位置", "Use my position") \
    X(POSITION_SET, "位置已记录", "The position is noted") \
    X(POSITION_FAILED, "无法取得位置，请填写地址或在地图上选点", \
      "Your position is not available: write the address, or choose the place on the map") \
    X(MAP, "在地图上选点", "Choose the place on the map") \
    X(PHOTO, "照片（可选）", "Photos (optional)") \
    X(PHOTO_HINT, "JPEG、PNG 或 WebP；只留下拍摄的时间和地点供核实，其他拍摄信息会被去掉。", \
      "JPEG, PNG or WebP; when and where it was taken is kept for checking, all else that the camera wrote is taken " \
      "out.") \
    X(CONTACT, "联系方式（可选，只用于核实）", "How to reach you (optional, for questions only)") \
    X(PHONE, "电话", "Telephone") \
    X(SEND, "提交", "Send") \
    X(FIX, "还差一点：", "Not quite complete:") \
    X(PHOTO_AGAIN, "如有照片，请重新选择。", "Please choose your photos again, if there were any.") \
    X(RECEIVED, "已收到", "We have it") \
    X(NUMBER, "受理编号", "Your number") \
    X(KEEP, "请保存这个链接：凭它查看每一步进展、结案后评价。", \
      "Keep this link: with it you follow every step and rate the result.") \
    X(FOLLOW, "查看进展", "Follow this report") \
    X(NEXT, "接下来", "What happens next") \
    X(NEXT_ACCEPT, "指挥中心受理并派给责任部门。", \
      "The command centre accepts it and sends it to the department responsible.") \
    X(NEXT_DISPOSE, "部门在承诺时限内处置并反馈。", \
      "The department deals with it within its time limit and reports back.") \
    X(NEXT_CLOSE, "核查结案后，请您评价是否解决。", \
      "When it is checked and closed, you tell us whether it is solved.") \
    X(PROGRESS, "办理进展", "Progress") \
    X(STATE, "现在", "Now") \
    X(DEPARTMENT, "责任部门", "Department") \
    X(DEADLINE, "承诺时限", "Promised by") \
    X(OVERDUE, "已超时", "overdue") \
    X(CASE_NUMBER, "案件编号", "Case") \
    X(NEIGHBOURS, "位邻居也反映了同一问题", "neighbours reported this too") \
    X(NEIGHBOUR, "位邻居也反映了同一问题", "neighbour reported this too") \
    X(NEAR_MANY, "位邻居已经反映了这里的同一问题。要加上您的声音吗？", \
      "neighbours have reported this here already. Add your voice?") \
    X(NEAR_ONE, "位邻居已经反映了这里的同一问题。要加上您的声音吗？", \
      "neighbour has reported this here already. Add your voice?") \
    X(NEAR_SINCE, "首次反映", "First reported") \
    X(NEAR_JOIN, "提交后会并入同一件办理，每一步您同样看得到。还没有提交，请再按一次提交。", \
      "If you send it, it joins theirs, and you follow every step as they do. Nothing was sent yet: please press " \
      "Send once " \
      "more.") \
    X(NEAR_WILL_JOIN, "提交后会并入同一件办理，每一步您同样看得到。", \
      "If you send it, it joins theirs, and you follow every step as they do.") \
    X(RATE, "问题解决了吗？", "Is it solved?") \
    X(SOLVED, "解决了", "Yes") \
    X(NOT_SOLVED, "没有解决", "No") \
    X(SCORE, "满意程度", "How satisfied are you?") \
    X(SCORE_HINT, "5 为非常满意", "5 is very satisfied") \
    X(RATE_SEND, "提交评价", "Send") \
    X(RATED, "感谢您的评价。", "Thank you for your answer.") \
    X(RATED_BEFORE, "您已评价：", "You have answered: ") \
    X(RATED_BY_OTHER, "邻居的评价：", "A neighbour has answered: ") \
    X(SUPERVISED, "督办案件", "Under supervision") \
    X(SUSPENDED_UNTIL, "暂缓办理至", "Put off until") \
    X(REOPEN, "还没有解决？", "Not solved?") \
    X(REOPEN_REASON, "哪里没有解决", "What is not solved") \
    X(REOPEN_SEND, "要求重新办理", "Ask to take it up again") \
    X(REOPENED, "已收到，将重新办理。", "We have it: it will be taken up again.") \
    X(NOT_REOPENED, "现在不能要求重新办理：尚未结案，或结案已久。请重新上报。", \
      "It cannot be taken up again now: it is not closed, or was closed too long ago. Please report it anew.") \
    X(BAD_REASON, "请写明哪里没有解决。", "Please say what is not solved.") \
    X(RELOAD, "刷新", "Look again") \
    X(ANOTHER, "再报一件", "Report something else") \
    X(NOT_FOUND, "没有找到：编号或链接不完整。请使用收到时给出的完整链接。", \
      "Nothing found: the number or the link is not complete. Use the whole link that you were given.") \
    X(NOT_CLOSED, "尚未结案，结案后才能评价。", "It is not closed yet; you can answer when it is.") \
    X(BUSY, "此刻上报太多，没有保存。请几秒后再提交一次。", \
      "Too many reports at this moment; nothing was stored. Please send it again in a few seconds.") \
    X(QUOTA, "一小时内从这个地址提交得太多，没有保存。请稍后再试。", \
      "Too many reports from this address within an hour; nothing was stored. Please try again later.") \
    X(FAILED, "现在无法处理，没有保存。请稍后再试。", \
      "That cannot be done now; nothing was stored. Please try again later.") \
    X(BAD_RATING, "请选择是否解决和满意程度。", "Please say whether it is solved and how satisfied you are.")

enum word {
#define WORD_ENUM(word, zh, en) WORD_##word,
    WORDS(WORD_ENUM)
#undef WORD_ENUM
};

enum page_language { PAGE_ZH, PAGE_EN };

const char *word(enum page_language language, enum word word);
