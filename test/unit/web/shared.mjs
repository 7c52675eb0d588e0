// Loads modules of the built pages: "shared/x.js" is what the pages' import map makes of it.
import { register } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const folder = pathToFileURL(join(process.env.DRUMTOWER_PAGES, "/")).href;
register(
  "data:text/javascript," +
    encodeURIComponent(`
      const folder = ${JSON.stringify(folder)};
      export const resolve = (name, context, next) =>
        next(name.startsWith("shared/") ? folder + name : name, context);
      export const load = (url, context, next) => // no package.json above them says "module"
        next(url, url.startsWith(folder) ? { ...context, format: "module" } : context);`),
);

/** @param {string} path below the pages: "field/own-task.js" */
export const load = (path) => import(folder + path);
