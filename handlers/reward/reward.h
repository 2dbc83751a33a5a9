/*
 * Calls that move money: of staff, and of those who hold a receipt.
 */
#ifndef TIPLINE_HANDLERS_REWARD_REWARD_H
#define TIPLINE_HANDLERS_REWARD_REWARD_H

#include "handlers/endpoint.h"

/* Staff; each is one command of the book (staff_calls.c). */
void reward_post(const struct call *args, struct http_exchange *exchange);     /* propose */
void reward_act(const struct call *args, struct http_exchange *exchange);
void ledger_act(const struct call *args, struct http_exchange *exchange);
void policy_post(const struct call *args, struct http_exchange *exchange);     /* draft */
void policy_adopt(const struct call *args, struct http_exchange *exchange);
void payout_act(const struct call *args, struct http_exchange *exchange);
void rail_act(const struct call *args, struct http_exchange *exchange);
void money_act(const struct call *args, struct http_exchange *exchange);
void staff_post(const struct call *args, struct http_exchange *exchange);
void case_post(const struct call *args, struct http_exchange *exchange);
void export_post(const struct call *args, struct http_exchange *exchange);

void break_resolve(const struct call *args, struct http_exchange *exchange);
void suspense_clear(const struct call *args, struct http_exchange *exchange);

/* A bank's statement (statement_upload.c). */
void statement_head(const struct call *args, struct http_exchange *exchange, struct http_body_plan *plan);
void statement_post(const struct call *args, struct http_exchange *exchange);

/* GET /rewards: the policies in force (offers.c). */
void reward_offers(const struct call *args, struct http_exchange *exchange);

/* The public (claim.c). */
void claim_post(const struct call *args, struct http_exchange *exchange);

#endif
