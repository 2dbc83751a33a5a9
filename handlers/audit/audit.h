/*
 * Reading about money: registers, one reward whole, ledgers, the journal; and the audit trail.
 *
 * Whoever reads sees what lies in the region of the token; an auditor sees
 * pseudonyms in place of the tokens of informants and payees.
 */
#ifndef TIPLINE_HANDLERS_AUDIT_AUDIT_H
#define TIPLINE_HANDLERS_AUDIT_AUDIT_H

#include "handlers/endpoint.h"

void reward_list(const struct call *args, struct http_exchange *exchange);     /* registers.c */
void payout_list(const struct call *args, struct http_exchange *exchange);
void policy_list(const struct call *args, struct http_exchange *exchange);
void staff_list(const struct call *args, struct http_exchange *exchange);
void ledger_list(const struct call *args, struct http_exchange *exchange);     /* ledgers.c */
void ledger_read(const struct call *args, struct http_exchange *exchange);
void reward_read(const struct call *args, struct http_exchange *exchange);     /* reward_file.c */
void policy_read(const struct call *args, struct http_exchange *exchange);
void statement_list(const struct call *args, struct http_exchange *exchange);  /* statements.c */
void statement_file(const struct call *args, struct http_exchange *exchange);
void break_list(const struct call *args, struct http_exchange *exchange);      /* breaks.c */
void break_read(const struct call *args, struct http_exchange *exchange);      /* break_file.c */
void suspense_list(const struct call *args, struct http_exchange *exchange);
void reconciliation_read(const struct call *args, struct http_exchange *exchange);   /* reconciliation.c */
void rail_list(const struct call *args, struct http_exchange *exchange);
void by_hand_list(const struct call *args, struct http_exchange *exchange);    /* by_hand.c */
void money_journal(const struct call *args, struct http_exchange *exchange);   /* journal.c */
void audit_trail(const struct call *args, struct http_exchange *exchange);     /* trail.c */
void audit_retention(const struct call *args, struct http_exchange *exchange); /* erased.c */
void audit_retention_run(const struct call *args, struct http_exchange *exchange);   /* retention_run.c */
void audit_call_summary(const struct call *args, struct http_exchange *exchange);  /* summary.c */
void audit_call_separation(const struct call *args, struct http_exchange *exchange);   /* separation.c */
void audit_call_exceptions(const struct call *args, struct http_exchange *exchange);   /* exceptions.c */
void audit_call_unclaimed(const struct call *args, struct http_exchange *exchange);   /* unclaimed.c */
void audit_call_sample(const struct call *args, struct http_exchange *exchange);   /* sample.c */
void audit_call_integrity(const struct call *args, struct http_exchange *exchange);   /* integrity.c */
void audit_call_reward(const struct call *args, struct http_exchange *exchange);   /* dossier.c */

void audit_call_register(const struct call *args, struct http_exchange *exchange);   /* register.c */
void audit_call_entries(const struct call *args, struct http_exchange *exchange);   /* entries.c */
void audit_call_breaks(const struct call *args, struct http_exchange *exchange);   /* breaks_then.c */

#endif
