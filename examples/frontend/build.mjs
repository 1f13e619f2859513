// Bundles the screen into dist/, which any server of files can show; with --serve, shows it itself.

import { copyFile, mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

process.chdir(fileURLToPath(new URL(".", import.meta.url)));
await mkdir("dist", { recursive: true });
await copyFile("index.html", "dist/index.html");
const context = await esbuild.context({
  entryPoints: ["src/main.ts", "src/main.css"],
  outdir: "dist",
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  sourcemap: true,
  logLevel: "warning",
});
if (process.argv.includes("--serve")) {
  await context.watch();
  const { port } = await context.serve({ host: "127.0.0.1", port: 5173, servedir: "dist" });
  console.log(`http://127.0.0.1:${port}/`);
} else {
  await context.rebuild();
  await context.dispose();
}
