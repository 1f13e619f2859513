// Prints the bars of a symbol through the generated client.
// npm start -- [SYMBOL] [RESOLUTION] [URL]
import { RequestError, TradingClient } from 'trading-client'

const [symbol = 'AAPL', resolution = '1', url = 'ws://127.0.0.1:8000/api/v1/ws'] = process.argv.slice(2)

const client = new TradingClient(url)
try {
  const bars = await client.bars.subscribe({ symbol, resolution })
  console.log(`subscribed to ${bars.topic}`)
  for await (const bar of bars) {
    console.log(new Date(bar.time).toISOString(), bar.open, bar.high, bar.low, bar.close, bar.volume)
  }
} catch (error) {
  console.error(error instanceof RequestError ? `refused: ${error.code}: ${error.message}` : error)
  process.exitCode = 1
} finally {
  client.close()
}
