// The native wall switched from the shell and from the desk; its pictures in BUILD/screenshots.
import assert from "node:assert/strict";
import { copyFile, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { screenshots, story } from "./browser.mjs";
import { until } from "../../tools/district/district.mjs";

const CAMERAS = Array.from({ length: 8 }, (_, at) => `cam-0${at + 1}`);

let district, pictures, wall;

const chapter = story(
  async (stage) => {
    ({ district } = stage);
    pictures = join(district.folder, "pictures");
    wall = (...words) => district.drumctl("wall", "--bus-port", String(district.busPort), ...words);
  },
  { cameras: CAMERAS },
);

/** Keeps the next picture that the wall writes. */
async function keepPicture(name) {
  const newest = async () =>
    (await readdir(pictures))
      .filter((file) => file.startsWith("wall-"))
      .sort()
      .at(-1);
  const before = await newest();
  await until("a new picture", async () => (await newest()) > before);
  await mkdir(screenshots, { recursive: true });
  await copyFile(join(pictures, await newest()), join(screenshots, `native-${name}.png`));
}

chapter("a process without a native wall says so", async () => {
  await assert.rejects(wall("look"), /no native wall; start drumtower-videowall with --output/);
});

chapter("the first scene of the book is shown at start", async () => {
  await district.kill("videowall", "SIGTERM");
  district.run("videowall", ["--output", `png:${pictures}`]);
  await district.ready("videowall");
  await until("all is live", async () => (await wall()) === "overview, page 1 of 1, 4 of 4 tiles live\n");
  await keepPicture("overview");
});

chapter("drumctl wall switches to a large picture with seven beside it", async () => {
  await wall("show", "focus");
  await until("the scene", async () => (await wall("look")) === "focus, page 1 of 1, 8 of 8 tiles live\n");
  await keepPicture("focus");
});

chapter("a tour is held, turned by hand, and goes on", async () => {
  await wall("show", "tour");
  await until("the tour", async () => (await wall()).startsWith("tour, page 1 of 2, 4 of 4"));
  await wall("hold");
  await wall("next");
  await until("its second page", async () => (await wall()).startsWith("tour, page 2 of 2, 4 of 4 tiles live, held"));
  assert.doesNotMatch(await wall("go"), /held/);
});

chapter("the district's map stands among the cameras", async () => {
  await district.report({ service_code: "P0101", description: "井盖缺失", lat: 39.94545, long: 116.37972 });
  await wall("show", "areas");
  await until("the scene", async () => (await wall("look")).startsWith("areas, page 1 of 2, 5 of 5 tiles live"));
  await keepPicture("areas");
});

chapter("what is not there is refused with what there is", async () => {
  await assert.rejects(wall("show", "none"), /no scene 'none'; expected overview, all, focus, tour, areas/);
  await assert.rejects(wall("shw"), /no such order 'shw'; expected look, show, next, back, hold, go, pop or clear/);
  await assert.rejects(wall("show"), /'show' takes a scene/);
});

chapter("the desk switches it too, a wall does not", async () => {
  const desk = await district.signIn("videowall", "o-01");
  const { status, body } = await desk("POST", "/api/wall/view", { verb: "show", scene: "all" });
  assert.equal(status, 200);
  assert.deepEqual(
    body.scenes.map(({ id }) => id),
    ["overview", "all", "focus", "tour", "areas"],
  );
  await until("the scene", async () => (await desk("GET", "/api/wall/view")).body.scene === "all");
  await keepPicture("all");
  assert.equal((await desk("POST", "/api/wall/view", { verb: "show", scene: "none" })).status, 404);
  assert.equal((await desk("POST", "/api/wall/view", { verb: "dance" })).status, 400);
  const screen = await district.signIn("videowall", "wall-01");
  assert.equal((await screen("GET", "/api/wall/view")).status, 200);
  assert.equal((await screen("POST", "/api/wall/view", { verb: "hold" })).status, 403);
});
