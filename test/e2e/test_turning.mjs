// Cameras turned from a page: a control that is held in a real browser reaches a device of GB/T 28181, and the device stops when it is let go. The device
// drives about, and the map follows it.
import assert from "node:assert/strict";
import { assertAccessible, screenshot, signIn, story } from "./browser.mjs";
import { gbAddress, until } from "../../tools/district/district.mjs";

/** The first one moves; the third one's device never registers. */
const otherwise = (text) =>
  text.replace(/rtsp:[^"]*cam-03/, gbAddress(2)).replace(/(id: cam-01,.*)\}/, "$1, mobile: true}");

let district, browser, desk, ask;

const chapter = story(
  async (stage) => {
    ({ district, browser } = stage);
    ask = await district.signIn("videowall", "o-01");
    desk = await browser.person("desk");
    desk.context().setDefaultTimeout(60_000); // software decoding on a busy machine
    await signIn(desk, `${district.urls.videowall}/live.html?cameras=cam-01,cam-02,cam-03`, "o-01", district.password);
    await desk.waitForSelector(".tile:first-child[data-state=live]");
  },
  { cameras: ["cam-02"], devices: ["cam-01"], adapt: { "cameras.yaml": otherwise } },
);

/** Where the one that moves is, as the map has it. */
async function place() {
  const { points } = (await ask("GET", "/api/cameras/points")).body;
  return points
    .find(([id]) => id === "cam-01")
    ?.slice(1, 3)
    .map(String);
}

/** What the device was told so far. */
const told = () => district.askCameras("counts");
const STOP = /^A50F0100/;
/** Waits until the device was told something new that looks so. */
async function hears(pattern, since) {
  return until(`${pattern} after ${since} orders`, async () => {
    const { moves, last_move } = await told();
    return moves > since && pattern.test(last_move);
  });
}
const audit = () => district.drumctl("account", "audit", "--data", district.data);
const point = (name) => desk.locator(`.tile:first-child [data-turn=${name}]`);
async function press(name) {
  await point(name).hover();
  await desk.mouse.down();
}

chapter("only a camera that turns has the controls", async () => {
  assert.equal(await desk.locator(".tile:first-child .tile-actions .button:has-text('云台')").count(), 1);
  assert.equal(await desk.locator(".tile:nth-child(2) .tile-actions .button:has-text('云台')").count(), 0);
  await desk.click(".tile:first-child .tile-actions .button:has-text('云台')");
  await desk.waitForSelector(".pad");
  await assertAccessible(desk, "a tile with its controls");
  await screenshot(desk, "turning-zh");
});

chapter("a button that is held turns the camera, and letting it go stops it", async () => {
  const { moves } = await told();
  await press("left");
  await hears(/^A50F0102/, moves);
  await screenshot(desk, "turning-held");
  await until("it is renewed", async () => (await told()).moves >= moves + 3);
  assert.match((await told()).last_move, /^A50F0102/);
  const { moves: before } = await told();
  await desk.mouse.up();
  await hears(STOP, before);
  assert.match(await audit(), /moved +o-01 +127\.0\.0\.1 cam-01 pan -50, tilt 0, zoom 0\n/);
  assert.equal((await audit()).match(/ moved /g).length, 1);
});

chapter("sliding off the button stops it", async () => {
  const { moves } = await told();
  await press("up");
  await hears(/^A50F0108/, moves);
  const { moves: before } = await told();
  await desk.mouse.move(5, 5);
  await hears(STOP, before);
  await desk.mouse.up();
});

chapter("keys do the same while the tile has the focus", async () => {
  await desk.focus(".tile:first-child");
  const { moves } = await told();
  await desk.keyboard.down("ArrowRight");
  await hears(/^A50F0101/, moves);
  await desk.keyboard.down("ArrowDown");
  await hears(/^A50F0105/, moves); // both
  await desk.keyboard.up("ArrowRight");
  await desk.keyboard.up("ArrowDown");
  await hears(STOP, moves + 2);
  const { moves: before } = await told();
  await desk.keyboard.down("+");
  await hears(/^A50F0110/, before);
  await desk.focus(".tile:nth-child(2) .tile-actions .button"); // the focus leaves with the key down
  await hears(STOP, before + 1);
  await desk.keyboard.up("+");
});

chapter("a finger turns it, and a long press opens no menu", async () => {
  const { moves } = await told();
  const box = await point("out").boundingBox();
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const touch = await desk.context().newCDPSession(desk);
  await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [at] });
  await hears(/^A50F0120/, moves);
  const { moves: before } = await told();
  await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await hears(STOP, before);
});

chapter("who presses later has it, and the other one reads who", async () => {
  const leader = await district.signIn("videowall", "leader-01");
  await press("left");
  await hears(/^A50F0102/, 0);
  const order = { press: "p1", serial: 1, pan: 50, tilt: 0, zoom: 0 };
  const { status, body } = await leader("POST", "/api/cameras/cam-01/move", order);
  assert.equal(status, 200);
  assert.ok(body.from);
  await desk.waitForSelector(".pad-status:has-text('正在操作')");
  await screenshot(desk, "turning-taken");
  await desk.mouse.up();
  const { moves } = await told();
  await leader("POST", "/api/cameras/cam-01/move", { ...order, serial: 2, pan: 0 });
  await hears(STOP, moves);
});

chapter("a page that goes away leaves no camera turning", async () => {
  const { moves } = await told();
  await press("right");
  await hears(/^A50F0101/, moves);
  const { moves: before } = await told();
  await desk.goto(`${district.urls.videowall}/live.html?cameras=cam-01,cam-02,cam-03&lang=en`);
  await hears(STOP, before);
  await desk.mouse.up();
});

chapter("the wall's screen may not turn a camera", async () => {
  const wall = await district.signIn("videowall", "wall-01");
  const order = { press: "p9", serial: 1, pan: 50, tilt: 0, zoom: 0 };
  const { status, body } = await wall("POST", "/api/cameras/cam-01/move", order);
  assert.equal(status, 403);
  assert.match(body.error.message, /role device/);
});

chapter("what cannot be turned now says so on its tile, in the page's language", async () => {
  await desk.click(".tile:nth-child(3) .tile-actions .button:has-text('Turn')");
  await desk.locator(".tile:nth-child(3) [data-turn=left]").hover();
  await desk.mouse.down();
  await desk.waitForSelector(".pad-status:has-text('cannot be turned now')");
  await desk.mouse.up();
  await assertAccessible(desk, "a tile whose camera cannot be turned");
  await screenshot(desk, "turning-en");
  const refusals = browser.faults.splice(0).filter((fault) => !/status of 409/.test(fault)); // taken, unable
  assert.deepEqual(refusals, []);
});

chapter("a camera beside a case at the desk turns too, and the desk's own keys stay out of it", async () => {
  const [lat, long] = await until("the camera has said where it is", place);
  await district.report({ service_code: "E0102", description: "垃圾桶旁堆满垃圾", lat, long });
  await desk.goto(`${district.urls.videowall}/desk.html`);
  await desk.waitForSelector(".detail h2:has-text('垃圾桶')");
  await desk.click(".near-cameras button[aria-expanded]");
  await desk.click(".near-tiles .tile:first-child .button:has-text('云台')");
  await desk.waitForSelector(".near-tiles .tile:first-child[data-state=live] .pad");
  const { moves } = await told();
  await desk.keyboard.down("ArrowDown"); // chooses the next case, were it the desk's
  await hears(/^A50F0104/, moves);
  await screenshot(desk, "turning-desk");
  const { moves: before } = await told();
  await desk.keyboard.up("ArrowDown");
  await hears(STOP, before);
  browser.assertNoFaults();
});

chapter("a camera that drives about is where it says that it is", async () => {
  const first = String(await until("it has said where it is", place));
  assert.ok((await ask("GET", "/api/cameras?text=cam-01")).body.cameras[0].placed_at_ms > 0);
  await until("it is elsewhere", async () => String(await place()) !== first);
  const page = await browser.person("desk");
  await signIn(page, `${district.urls.videowall}/cameras.html?lang=en`, "o-01", district.password);
  await page.waitForSelector(".camera[data-camera=cam-01] :text('mobile · position')");
  await assertAccessible(page, "the cameras, one of them mobile");
  await screenshot(page, "cameras-mobile");
});
