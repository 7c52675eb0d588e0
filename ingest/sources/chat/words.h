/* What a chat is answered, in Chinese and English. "{number}": the number of the event that the answer is about, known only after its commit;
 * each %s as its place says. */
#pragma once

#include <stdbool.h>

#include "proto/base/arena.h"

#define CHAT_WORDS(X) \
    X(HELP, \
      "可以这样说：\n上报 内容 — 上报问题，随后发来的照片会附上\n查询 编号 — 查看进展\n补充 编号 内容\n催办 " \
      "编号\n评价 编号 5 — 结案后评价，1 到 5\n" \
      "重办 编号 原因 — 结案后仍未解决", \
      "You can say:\nreport WORDS — report a problem; a picture that follows goes with it\nstatus NUMBER — how far " \
      "it " \
      "is\nadd NUMBER WORDS\nurge NUMBER\nrate NUMBER 5 — when it is closed, 1 to 5\nreopen NUMBER WHY — when it is " \
      "closed and not solved") \
    X(RECEIVED, "已收到，受理编号 {number}。发送“查询 {number}”查看进展；接着发来的照片会附在这一件上。", \
      "Received as number {number}. Send “status {number}” to see how far it is; a picture sent now goes with it.") \
    X(RECEIVED_URGENT, "已收到，受理编号 {number}，按紧急情况优先处理。有人身危险请先离开，并拨打 110、119 或 120。", \
      "Received as number {number}, and treated as urgent. If anybody is in danger: leave first, and call 110, 119 " \
      "or " \
      "120.") \
    X(ASK, "这是要上报的问题吗？“%s”\n回复“是”就上报；不是的话不用理会。", \
      "Is this a problem to report? “%s”\nAnswer “yes” and it is reported; if not, never mind.") \
    X(SAY_WHAT, "请说明是什么问题、在哪里，例如：上报 3号楼前路灯不亮", \
      "Please say what it is and where, for example: report the street light at house 3 is out") \
    X(SAY_NUMBER, "请写上受理编号，例如：查询 12", "Please give the number, for example: status 12") \
    X(NOT_FOUND, "没有找到 %s：在群里只能查本群上报的问题。", \
      "%s was not found: in a group only what was reported there can be looked up.") \
    X(NOT_YOURS, "%s 是别人上报的，只有上报人能这样做。", "%s was reported by somebody else, who alone can do that.") \
    X(ADDED, "已补充到 %s。", "Added to %s.") \
    X(PICTURE_ADDED, "照片已附到 %s。", "The picture was added to %s.") \
    X(URGED, "已催办 %s，指挥中心会看到。", "The command centre is told that %s is urged.") \
    X(URGED_BEFORE, "%s 刚催办过，请稍候。", "%s was urged a short while ago; please wait.") \
    X(OVER, "%s 已经结束。如果没有解决，请发送：重办 %s 原因", "%s is over. If it is not solved, send: reopen %s WHY") \
    X(RATED, "感谢您对 %s 的评价。", "Thank you for rating %s.") \
    X(SAY_SCORE, "请给出 1 到 5 的评分，例如：评价 %s 5", "Please give 1 to 5, for example: rate %s 5") \
    X(NOT_CLOSED, "%s 还没有结案，结案后才能评价。", "%s is not closed yet; it can be rated when it is.") \
    X(REOPENED, "已收到，%s 将重新办理。", "Received: %s will be taken up again.") \
    X(SAY_REASON, "请写明哪里没有解决，例如：重办 %s 又漏水了", \
      "Please say what is not solved, for example: reopen %s it leaks again") \
    X(NOT_REOPENED, "%s 现在不能重新办理：尚未结案，或结案已久。请重新上报。", \
      "%s cannot be taken up again now: it is not closed, or was closed too long ago. Please report it anew.") \
    X(STAGE, "%s：%s", "%s: %s") \
    X(DEPARTMENT, "\n责任部门：%s", "\nDepartment: %s") \
    X(DEADLINE, "\n承诺时限：%s%s", "\nPromised by: %s%s") \
    X(OVERDUE, "（已超时）", " (overdue)") \
    X(NEIGHBOURS, "\n还有 %s 位居民反映了同一问题", "\nReported by %s more") \
    X(TOLD_REPLY, "%s 的答复：%s", "%s, answer: %s") \
    X(TOLD_REFUSED, "%s 不予立案：%s", "%s is not taken up: %s") \
    X(TOLD_CANCELLED, "%s 已作废：%s", "%s is cancelled: %s") \
    X(TOLD_CLOSED, "%s 已结案。请评价：评价 %s 5（1 到 5）；没有解决请发送：重办 %s 原因", \
      "%s is closed. Please rate it: rate %s 5 (1 to 5); if it is not solved, send: reopen %s WHY")

enum chat_word {
#define CHAT_WORD_ENUM(word, zh, en) TALK_##word,
    CHAT_WORDS(CHAT_WORD_ENUM)
#undef CHAT_WORD_ENUM
};

/* As many texts as the words have %s, each a const char *. */
const char *chat_say(bool english, struct arena *arena, enum chat_word word, ...);
