// Bundles the pages into dist/: content-named scripts and style sheets, and the HTML that names them.
// Run by `python -m service.web build`, which decides whether there is anything to do.

import { createHash } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(here, "dist");

/** Page, entries, and where the service serves what they become. */
const pages = [
  { name: "demo", folder: "/demo/assets", entries: ["demo/main.ts", "demo/demo.css"] },
  { name: "docs", folder: "/api/v1/ws/asyncapi/assets", entries: ["docs/main.ts", "docs/docs.css"] },
];

/** Name, version and licence of every package that these inputs come from, as its licence asks for. */
async function licencesOf(inputs) {
  const packages = new Set();
  for (const input of inputs) {
    const [, found] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
    if (found !== undefined) packages.add(found);
  }
  const parts = [];
  for (const folder of [...packages].sort()) {
    const { name, version, license } = JSON.parse(await readFile(path.join(here, folder, "package.json"), "utf8"));
    const files = (await readdir(path.join(here, folder))).filter((file) => /^(licen[cs]e|notice)/i.test(file)).sort();
    const texts = await Promise.all(files.map((file) => readFile(path.join(here, folder, file), "utf8")));
    parts.push([`${name} ${version} (${license})`, ...texts.map((text) => text.trim())].join("\n\n"));
  }
  return `${parts.join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

async function bundle({ name, folder, entries }) {
  const { metafile } = await esbuild.build({
    absWorkingDir: here,
    entryPoints: entries.map((entry) => ({ in: entry, out: name })),
    outdir: path.join(dist, name),
    entryNames: "[name]-[hash]",
    bundle: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    conditions: ["production"],
    minify: true,
    legalComments: "eof",
    metafile: true,
    logLevel: "warning",
  });
  const urls = new Map();
  for (const [file, output] of Object.entries(metafile.outputs)) {
    if (output.entryPoint === undefined) continue;
    urls.set(`${name}${path.extname(file)}`, `${folder}/${path.basename(file)}`);
    console.log(`  ${path.basename(file)}, ${Math.ceil(output.bytes / 1024)} KiB`);
  }
  const licences = await licencesOf(Object.keys(metafile.inputs));
  const file = `licences-${createHash("sha256").update(licences).digest("hex").slice(0, 8)}.txt`;
  await writeFile(path.join(dist, name, file), licences);
  urls.set("licences.txt", `${folder}/${file}`);
  const html = await readFile(path.join(here, name, "index.html"), "utf8");
  const filled = html.replace(/\{\{(.+?)\}\}/g, (_, asset) => {
    if (!urls.has(asset)) throw new Error(`${name}/index.html asks for ${asset}, which is not built.`);
    return urls.get(asset);
  });
  await writeFile(path.join(dist, name, "index.html"), filled);
}

try {
  await rm(dist, { recursive: true, force: true });
  for (const page of pages) await bundle(page);
} catch (error) {
  // esbuild has printed what is wrong with the sources already.
  if (error.errors === undefined) console.error(error.message);
  process.exitCode = 1;
}
