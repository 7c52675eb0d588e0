// A handset in a tunnel: what its worker does is kept, also when the app is killed, and sent once; what it missed arrives.
import assert from "node:assert/strict";
import { screenshot, signIn, story } from "./browser.mjs";
import { until } from "../../tools/district/district.mjs";

const WORKER = "w-water-2";

let district, browser, desk, liaison, handset;

const chapter = story(async (stage) => {
  ({ district, browser } = stage);
  desk = await district.signIn("videowall", "o-01");
  liaison = await district.signIn("field", "l-water");
});

let made = 0;

/** Sends a command; the door's answer has to be 200. */
async function command(who, number, verb, body = {}) {
  const answer = await who("POST", `/api/cases/${number}/${verb}`, { id: `test-${++made}`, revision: 0, ...body });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
}

/** A report that is dispatched to the water company and given to the worker; the case's number. */
async function assigned(words) {
  await district.report({ service_code: "P0101", description: words, lat: "39.94545", long: "116.37972" });
  const number = await until(`a case of '${words}'`, async () => {
    const { body } = await desk("GET", "/api/cases?list=state/reported");
    return body.cases.find((record) => `${record.title}${record.text}`.includes(words))?.number;
  });
  await command(desk, number, "accept");
  await command(desk, number, "dispatch", { to_department: "water" });
  await command(liaison, number, "assign", { to_worker: WORKER });
  return number;
}

const stepsOf = async (number) => (await desk("GET", `/api/cases/${number}`)).body.steps.map((step) => step.verb);
const queued = (page) => page.waitForSelector(".strip[role=status]");

chapter("the handset shows its tasks", async () => {
  district.first = await assigned("胡同口井盖松动");
  handset = await browser.person("handset");
  await signIn(handset, district.urls.field, WORKER, district.password);
  await handset.waitForSelector(".task:has-text('胡同口井盖松动')");
  await handset.waitForFunction(() => navigator.serviceWorker.controller !== null);
});

chapter("without a network, steps are kept on the device", async () => {
  await handset.context().setOffline(true);
  await handset.waitForSelector(".mark.bad[role=alert]");
  await handset.click(".task");
  await handset.click('.action [data-verb="take"]');
  await handset.click('.action [data-verb="arrive"]');
  await handset.waitForSelector('.action [data-verb="dispose"]');
  await queued(handset);
  await screenshot(handset, "handset-offline");
  assert.ok(!(await stepsOf(district.first)).includes("take"));
});

chapter("they survive that the app is killed and started again without a network", async () => {
  const context = handset.context();
  await handset.close();
  handset = browser.watch(await context.newPage());
  await handset.goto(district.urls.field);
  await queued(handset);
  await handset.waitForSelector(".task:has-text('胡同口井盖松动') .mark:has-text('处置中')");
});

chapter("with the network back, each is sent once and in order, and what was missed arrives", async () => {
  district.second = await assigned("水管漏水");
  await handset.context().setOffline(false);
  await handset.waitForSelector(".task:has-text('水管漏水')");
  await handset.waitForSelector(".strip[role=status]", { state: "detached" });
  await until("the steps are there", async () => (await stepsOf(district.first)).includes("arrive"));
  assert.deepEqual(
    (await stepsOf(district.first)).filter((verb) => verb === "take" || verb === "arrive"),
    ["take", "arrive"],
  );
});

chapter("an answer that is lost on the way is asked for again and changes nothing twice", async () => {
  let lost = 0;
  await handset.route(/\/api\/cases\/.*\/take$/, async (route) => {
    if (lost++ > 0) return route.continue();
    await route.fetch(); // it reaches the door …
    return route.abort("connectionreset"); // … and its answer does not come back
  });
  await handset.click(".task:has-text('水管漏水')");
  await handset.click('.action [data-verb="take"]');
  await until("the queue is empty", async () => lost > 1 && !(await handset.$(".strip[role=status]")));
  assert.deepEqual(
    (await stepsOf(district.second)).filter((verb) => verb === "take"),
    ["take"],
  );
});

chapter("a step that the district has overtaken is shown with the reason, not dropped", async () => {
  await handset.context().setOffline(true);
  await handset.click('.action [data-verb="arrive"]');
  await queued(handset);
  await command(liaison, district.second, "return", { reason: "不属于本公司" });
  await handset.context().setOffline(false);
  await handset.waitForSelector(".strip.bad:has-text('到达现场')");
  await screenshot(handset, "handset-conflict");
  await handset.click(".strip.bad button");
  await handset.waitForSelector(".strip.bad", { state: "detached" });
  assert.ok(!(await stepsOf(district.second)).includes("arrive"));
});

/** What the device keeps to be seen without a network, by name. */
const keptNames = () =>
  handset.evaluate(
    () =>
      new Promise((resolve) => {
        const opening = indexedDB.open("drumtower");
        opening.onsuccess = () => {
          const asked = opening.result.transaction("kept").objectStore("kept").getAllKeys();
          asked.onsuccess = () => resolve(asked.result);
        };
      }),
  );

chapter("whoever signs out leaves none of it to the next who has the device in hand", async () => {
  await handset.evaluate(() => (location.hash = "#"));
  await handset.click("button:has-text('退出')");
  await handset.waitForSelector("input[name=login]");
  await handset.context().setOffline(true);
  await handset.reload();
  await handset.waitForSelector("input[name=login]");
  assert.equal(await handset.$(".task"), null);
  assert.deepEqual(
    (await keptNames()).filter((name) => name.startsWith("cases ")),
    [],
  );
});
