// Bundles one page: `node bundle.mjs ENTRY OPTIONS`, the script to standard output.
import { createRequire } from "node:module";

const { build } = createRequire(process.argv[2])("esbuild");
const { outputFiles } = await build({
  bundle: true,
  write: false,
  logLevel: "error",
  target: "es2022",
  ...JSON.parse(process.argv[3]),
});
process.stdout.write(outputFiles[0].text);
