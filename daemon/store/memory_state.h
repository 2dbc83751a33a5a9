/*
 * What the files of the store in memory share (memory.c is its door).
 *
 * Everything lives in one arena and in plain arrays that are searched from the
 * front: slow and plain, so that it can be trusted to be right.
 */
#ifndef TIPLINE_STORE_MEMORY_STATE_H
#define TIPLINE_STORE_MEMORY_STATE_H

#include "daemon/store/store.h"

struct loop;


struct mem_event {
	char shard[3];
	bool gone;                    /* into the archive */
	struct store_event event;
};

struct mem_region {
	char shard[3];
	char region[7];
};

struct mem_request {
	unsigned char mark[STORE_MARK_BYTES];
	unsigned char digest[STORE_MARK_BYTES];
	struct span answer;
	int64_t until_ms;
};

struct mem_key {
	char shard[3];
	struct store_data_key key;
};

struct mem_item {
	char shard[3];
	struct store_item item;
	int64_t due_ms;
	bool gone;
};

struct mem_letter {
	char shard[3];
	struct store_item item;
	bool gone;
};

struct mem_part {
	unsigned char digest[8];
	struct span sealed;
	bool there;
};

struct mem_group {
	unsigned char group[STORE_MARK_BYTES];
	unsigned total;
	int64_t due_ms;
	bool done;
	int64_t forget_ms;
	struct tip_id tip;
	unsigned char sender[STORE_MARK_BYTES];
	unsigned char before[STORE_MARK_BYTES];
	bool has_before;
	bool followed;         /* takes nothing any more */
	bool seems_late;
	bool counted;          /* among the open ones of its sender */
	struct span note;
	struct mem_part parts[256];
	size_t nparts;
};

struct mem_job {
	char shard[3];
	char name[32];
	struct span holder;
	int64_t until_ms;
	uint64_t fence;
	uint64_t note;
};

struct mem_batch {
	char shard[3];
	struct store_batch batch;
};

struct mem_money {
	uint64_t seq;
	int64_t at_ms;
	unsigned char hash[STORE_HASH_BYTES];
	unsigned char print[STORE_HASH_BYTES];
	struct span key;
	struct span record;
};

struct mem_sealed {
	struct span token;
	struct span sealed;
	bool gone;
};

struct mem_failures {
	unsigned char mark[STORE_MARK_BYTES];
	unsigned count;
	int64_t first_ms, last_ms;
};

struct mem_bucket {
	unsigned char mark[STORE_MARK_BYTES];
	double full_us;
};

struct mem_said {
	char shard[3];
	unsigned char mark[STORE_MARK_BYTES];
	int64_t until_ms;
};

struct mem_segment {
	char shard[3];
	struct store_segment segment;
};

struct mem_memo {
	unsigned char mark[STORE_MARK_BYTES];
	struct span sealed;
	int64_t until_ms;
};

struct mem_count {
	char shard[3];
	struct span name;
	uint64_t n;
};

struct mem_doomed {
	struct tip_id id;
	struct span names;
	bool gone;
};

/* A growing array: pointer, count, room. */
#define MEM_ARRAY(type)                                                                                      \
	struct {                                                                                             \
		type *at;                                                                                    \
		size_t n, size;                                                                              \
	}

struct mem_tip {
	struct store_row row;
	size_t messages_size;
	struct span files;
	MEM_ARRAY(struct store_child) children;
};

struct mem_call;

struct memory_store {
	struct store base;
	struct loop *loop;
	struct arena arena;
	int64_t now_ms;
	MEM_ARRAY(struct mem_tip) tips;
	MEM_ARRAY(struct mem_event) events;
	MEM_ARRAY(struct mem_region) regions;
	MEM_ARRAY(struct mem_request) requests;
	MEM_ARRAY(struct mem_key) keys;
	MEM_ARRAY(struct mem_item) items;
	MEM_ARRAY(struct mem_letter) letters;
	MEM_ARRAY(struct mem_group) groups;
	MEM_ARRAY(struct mem_job) jobs;
	MEM_ARRAY(struct mem_batch) batches;
	MEM_ARRAY(struct mem_money) money;
	MEM_ARRAY(struct mem_sealed) vault;
	MEM_ARRAY(struct mem_failures) failures;
	MEM_ARRAY(struct mem_bucket) buckets;
	MEM_ARRAY(struct mem_said) said;
	MEM_ARRAY(struct mem_segment) segments;
	MEM_ARRAY(struct mem_memo) memos;
	MEM_ARRAY(struct mem_count) counts;
	MEM_ARRAY(struct mem_doomed) doomed;
	struct mem_call *pending;
};

struct mem_call {
	struct memory_store *store;
	struct store_wait wait;
	struct arena arena;
	struct store_reply reply;
	struct mem_call *next;
	bool dropped; /* answered by memory_free() */
};

/* A new zeroed element at the end. */
#define MEM_ADD(array)                                                                                       \
	((array).at = mem_grown((array).at, &(array).size, (array).n, sizeof(*(array).at)),                  \
	 memset(&(array).at[(array).n], 0, sizeof(*(array).at)), &(array).at[(array).n++])

void *mem_grown(void *at, size_t *size, size_t n, size_t each);
bool mem_same_shard(const char *a, const char *b);
void mem_shard_set(char shard[3], const char *from);
bool mem_is_zero(const unsigned char *bytes, size_t n);
uint64_t mem_append(struct memory_store *store, const char *shard, struct store_event event);
/* An event of a tip, in its shard's journal and with its seed. */
uint64_t mem_append_of(struct memory_store *store, const struct mem_tip *tip, struct store_event event);
struct span mem_json_with(struct arena *arena, struct span event, const char *name, uint64_t value);
void mem_region_add(struct memory_store *store, const char *shard, const char *region);
void mem_key_add(struct memory_store *store, const char *shard, const struct store_data_key *key);
void mem_letter_add(struct memory_store *store, const char *shard, const struct store_item *item, struct span why);
/* Nothing when the payload is empty. */
void mem_item_revive(struct memory_store *store, const char *shard, struct span id, struct span payload);
void mem_item_add(struct memory_store *store, const char *shard, uint64_t number, struct span payload);
struct mem_tip *mem_find(struct memory_store *store, const struct tip_id *id);
struct mem_job *mem_job_find(struct memory_store *store, const char *shard, const char *name);
/* Whether request->fence is not the number of the lease of request->job in that shard. */
bool mem_fenced(struct memory_store *store, const char *shard, const struct store_request *request);
bool mem_is_held(enum tip_state state);

/* Of memory_clock.c: CLOCK_NOW becomes the store's time; *starts: there was one. */
struct clock_face mem_clock(const struct memory_store *store, struct clock_face face, bool *starts);

/* Of memory_retention.c: kept; CLOCK_NOW becomes the store's time, *ends: it did. */
struct store_end mem_end(struct memory_store *store, const struct store_end *end, bool *ends);
struct store_hold mem_hold(struct memory_store *store, const struct store_hold *hold);

/* A row as lists of tips have it: without messages and identity. */
struct store_row mem_row_listed(const struct mem_tip *tip, struct arena *arena);

/* A row for an answer: nothing in it changes before it is read. */
struct store_row mem_row(const struct mem_tip *tip, struct arena *arena);

/* What a tip that arrived from another shard hangs under, and what it left here before. */
void mem_incident_received(struct memory_store *store, struct mem_tip *tip, const struct store_tip *from);

/* Operations; each fills call->reply. */
void mem_accept(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_receive(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_read(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_change(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_fronts(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_cover(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_claim(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_held(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_queues(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_page(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_expire(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_overdue(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_escalate(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_escalated(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_holders(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_data_keys(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_data_key_swap(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_part(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_parts_due(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_parts_done(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_outbox_due(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_outbox_dead(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_outbox_revive(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_outbox_end(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_outbox_put(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_job_lease(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_job_note(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_link(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_children(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_journal(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_money_append(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_money_read(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_vault_put(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_vault_get(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_vault_drop(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_try(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_archived(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_journal_trim(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_log_seal(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_log_read(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_audit(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_bucket(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_ended(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_erase(struct memory_store *store, const struct store_request *request, struct mem_call *call);
/* Puts names of files behind others, a blank between them. */
void mem_names_add(struct memory_store *store, struct span *names, struct span more);
void mem_doomed(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_doomed_end(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_erased(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_memo_get(struct memory_store *store, const struct store_request *request, struct mem_call *call);
void mem_memo_put(struct memory_store *store, const struct store_request *request, struct mem_call *call);

#endif
