// Generated from spec/asyncapi.yaml. Do not edit; run "python -m codegen generate".

import type * as models from "./models.js";

/** Everything that clients send. */
export type ClientMessage =
  | models.BarsSubscribe
  | models.BarsUnsubscribe
  | models.BarsHistoryMessage
  | models.QuotesSubscribe
  | models.QuotesUnsubscribe
  | models.TradesSubscribe
  | models.TradesUnsubscribe
  | models.OrderbookSubscribe
  | models.OrderbookUnsubscribe
  | models.AccountSubscribe
  | models.AccountUnsubscribe
  | models.PositionsSubscribe
  | models.PositionsUnsubscribe
  | models.OrdersSubscribe
  | models.OrdersUnsubscribe
  | models.SymbolsList
  | models.Ping
  | models.SessionAuthenticate;

/** Everything that the server sends. */
export type ServerMessage =
  | models.BarsSubscribeResponse
  | models.BarsUnsubscribeResponse
  | models.BarsHistoryResponse
  | models.BarsUpdate
  | models.QuotesSubscribeResponse
  | models.QuotesUnsubscribeResponse
  | models.QuotesUpdate
  | models.TradesSubscribeResponse
  | models.TradesUnsubscribeResponse
  | models.TradesUpdate
  | models.OrderbookSubscribeResponse
  | models.OrderbookUnsubscribeResponse
  | models.OrderbookUpdate
  | models.AccountSubscribeResponse
  | models.AccountUnsubscribeResponse
  | models.AccountUpdate
  | models.PositionsSubscribeResponse
  | models.PositionsUnsubscribeResponse
  | models.PositionsUpdate
  | models.OrdersSubscribeResponse
  | models.OrdersUnsubscribeResponse
  | models.OrdersUpdate
  | models.SymbolsListResponse
  | models.Pong
  | models.SessionAuthenticateResponse
  | models.TopicReset
  | models.TopicClosed
  | models.ServerShutdown
  | models.Error;
