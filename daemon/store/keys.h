/*
 * Names of everything in Redis; made here and nowhere else.
 *
 * All of a shard carries the hash tag of the shard, "{15}:", so that one
 * function call touches one slot. Functions that find ids by themselves get a
 * prefix and put the id or region behind it.
 *
 *   {15}:journal   stream of events        {15}:leases   zset id -> until ms
 *   {15}:queues    set of regions          {15}:held     hash region -> tips under a lease
 *   {15}:datakeys  hash id -> sealed       {15}:holders  zset "holder NUL id", for what one holds
 *   {15}:outbox    hash item -> payload    {15}:due      zset item -> ms
 *   {15}:tries     hash item -> times      {15}:job:<name>  hash holder, until, fence, note
 *   {15}:dead      zset item -> ms          {15}:letters  hash item -> why, NUL, payload: what was given up
 *   {15}:state:<id> hash   {15}:tip:<id>, {15}:identity:<id> strings   {15}:messages:<id> list
 *   {15}:clocks    zset id -> rank of what it waits for, see store_clock_rank()
 *   {15}:asked     zset id -> the same, of the informant's word without an answer
 *   {15}:escalated zset "region id" of open tips that passed to a level above, by where they came from
 *   {15}:archive   list of "first last digest": the files of the archive with what was trimmed from the journal
 *   {15}:log       stream of sealed batches, fields b and n (functions/log_seal.lua)
 *   {15}:children:<id> zset id -> received ms   {15}:files:<id> string: names of its files
 *   {15}:ended     zset id -> ended ms      {15}:erased  hash "month region outcome part" -> how many
 *   {15}:doomed    hash id -> names of files that are to be removed from the disk
 *   {15}:queue:<region> zset id -> rank
 *   {00}:parts zset group -> deadline      {00}:parts:<group> hash
 *   {00}:parts-of:<sender> zset open group -> order
 *   request:<mark> string                 {15}:said:<mark> string, with an expiry
 *   {00}:memo:<mark> string, with an expiry
 *   {00}:bucket:<mark> string with an expiry, in memory alone: µs at which it will be full
 *   {money}:journal stream of records, field e       {money}:head   hash seq, hash, at
 *   {money}:idem:<key> hash print, seq; for ever     {money}:vault:<token> string
 *   {money}:log    stream, as {15}:log
 *   {audit}:journal stream of events                 {audit}:log    stream, as {15}:log
 *   {money}:failures:<3 of a mark> hash mark -> n, first, last; with an expiry
 *
 * Every span lives in the arena.
 */
#ifndef TIPLINE_STORE_KEYS_H
#define TIPLINE_STORE_KEYS_H

#include "daemon/store/store.h"

enum shard_key {
	KEY_JOURNAL,
	KEY_QUEUES,
	KEY_DATAKEYS,
	KEY_OUTBOX,
	KEY_DUE,
	KEY_TRIES,
	KEY_LEASES,
	KEY_HELD,
	KEY_HOLDERS,
	KEY_PARTS,
	KEY_CLOCKS,
	KEY_ASKED,
	KEY_ESCALATED,
	KEY_ARCHIVE,
	KEY_LOG,
	KEY_DEAD,
	KEY_LETTERS,
	KEY_ENDED,
	KEY_ERASED,
	KEY_DOOMED,
	SHARD_KEYS,
};

enum tip_key {
	KEY_STATE,
	KEY_TIP,
	KEY_IDENTITY,
	KEY_MESSAGES,
	KEY_CHILDREN,
	KEY_FILES,
	TIP_KEYS,
};

enum money_key {
	KEY_MONEY_JOURNAL,
	KEY_MONEY_HEAD,
	KEY_MONEY_IDEM,
	KEY_MONEY_VAULT,
	KEY_MONEY_FAILURES,
	MONEY_KEYS,
};

/* `shard` is two digits; STORE_MONEY_SHARD and STORE_AUDIT_SHARD for a journal, its log or a job. */
struct span key_of_shard(struct arena *arena, struct span shard, enum shard_key key);
struct span key_of_tip(struct arena *arena, const struct tip_id *id, enum tip_key key);
struct span key_of_queue(struct arena *arena, struct span shard, const char region[7]);
struct span key_of_job(struct arena *arena, struct span shard, const char *job);
struct span key_of_request(struct arena *arena, const unsigned char mark[STORE_MARK_BYTES]);
/* "{15}:said:<mark>" */
struct span key_of_said(struct arena *arena, struct span shard, const unsigned char mark[STORE_MARK_BYTES]);
/* "{00}:bucket:<mark>" */
struct span key_of_bucket(struct arena *arena, const unsigned char mark[STORE_MARK_BYTES]);
/* "{00}:memo:<mark>" */
struct span key_of_memo(struct arena *arena, const unsigned char mark[STORE_MARK_BYTES]);
struct span key_of_parts(struct arena *arena, const unsigned char group[STORE_MARK_BYTES]);
struct span key_of_sender_parts(struct arena *arena, const unsigned char sender[STORE_MARK_BYTES]);

/* Of the shard STORE_MONEY_SHARD: "{money}:idem:<key>", "{money}:vault:<token>". */
struct span key_of_money(struct arena *arena, enum money_key key, struct span rest);

/* "{15}:state:", "{15}:queue:", "{00}:parts:" */
struct span key_prefix_of_tips(struct arena *arena, struct span shard, enum tip_key key);
struct span key_prefix_of_queues(struct arena *arena, struct span shard);
struct span key_prefix_of_parts(struct arena *arena);

/* Pattern of SCAN: the states of all tips of all shards. */
struct span key_pattern_of_states(void);

#endif
