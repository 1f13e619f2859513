// Prints what AsyncAPI's own parser has to say about a document; exits 1 on any error or warning.
import { readFileSync } from 'node:fs'
import { fromFile, Parser } from '@asyncapi/parser'

const file = process.argv[2]
readFileSync(file)
const severities = ['error', 'warning', 'information', 'hint']
const { diagnostics } = await fromFile(new Parser(), file).parse()
for (const { severity, code, message, range } of diagnostics) {
  console.log(`${file}:${range.start.line + 1}:${range.start.character + 1}: ${severities[severity]}: ${code}: ${message}`)
}
const count = level => diagnostics.filter(({ severity }) => severity === level).length
console.log(`${file}: ${count(0)} errors, ${count(1)} warnings`)
process.exit(count(0) + count(1) > 0 ? 1 : 0)
