/*
 * Messages of links; see sms_link.h.
 */
#include "handlers/intake/sms_link.h"

#include "daemon/base/memory.h"
#include "daemon/loop/loop.h"

#include <stdlib.h>

_Static_assert(SMS_LINK_BATCH <= SMS_BATCH_MAX, "it has room");

/* What came through one link in one turn. */
struct post {
	struct sms_link *in;
	const struct link_config *link;  /* compared alone, never followed */
	struct sms_connector connector;
	struct arena arena;
	struct sms_batch batch;
	struct link_ref refs[SMS_LINK_BATCH];
};

struct sms_link {
	struct sms_link_env env;
	struct post *open;       /* is being filled */
	size_t under_way;
	bool leaving;
};

struct sms_link *sms_link_new(const struct sms_link_env *env)
{
	struct sms_link *in = memory_zeroes(1, sizeof(*in));

	in->env = *env;
	return in;
}

static void post_free(struct post *post)
{
	arena_release(&post->arena);
	free(post);
}

static void free_when_alone(struct sms_link *in)
{
	if (in->leaving && in->under_way == 0)
		free(in);
}

static void delivered(void *ctx, const enum sms_result *results, size_t n)
{
	static const enum link_answer answers[] = {
		[SMS_TAKEN] = LINK_TAKEN,
		[SMS_AGAIN] = LINK_AGAIN,
		[SMS_NEVER] = LINK_NEVER,
	};
	struct post *post = ctx;
	struct sms_link *in = post->in;

	for (size_t i = 0; i < n && !in->leaving; i++)
		in->env.answer(in->env.ctx, post->refs[i], answers[results[i]]);
	post_free(post);
	in->under_way--;
	free_when_alone(in);
}

static void flush(void *ctx)
{
	struct sms_link *in = ctx;
	struct post *post = in->open;

	if (post == NULL)
		return;
	in->open = NULL;
	in->under_way++;
	sms_deliver(in->env.sms, &post->connector, &post->batch, delivered, post);
}

void sms_link_free(struct sms_link *in)
{
	if (in == NULL)
		return;
	loop_post_cancel(in->env.loop, flush, in);
	if (in->open != NULL)
		post_free(in->open);
	in->open = NULL;
	in->leaving = true;
	free_when_alone(in);
}

static struct post *post_for(struct sms_link *in, const struct link_config *link)
{
	struct post *post = in->open;

	if (post != NULL && post->link == link && post->batch.n < SMS_LINK_BATCH)
		return post;
	flush(in);
	post = in->open = memory_zeroes(1, sizeof(*post));
	post->in = in;
	post->link = link;
	post->connector = (struct sms_connector){ .name = link->name, .sender = link->sender, .sends = true };
	loop_post(in->env.loop, flush, in);
	return post;
}

void sms_link_take(struct sms_link *in, const struct link_config *link, const struct link_message *message,
		   struct link_ref ref)
{
	struct post *post = post_for(in, link);
	struct link_message kept = *message;

	kept.key = arena_dup(&post->arena, message->key);
	kept.header = arena_dup(&post->arena, message->header);
	kept.octets = arena_dup(&post->arena, message->octets);
	post->refs[post->batch.n] = ref;
	sms_message_read(&kept, &(struct sms_numbers){ .home = in->env.home, .prefixes = "" }, &post->arena,
			 &post->batch.at[post->batch.n]);
	post->batch.n++;
}

void sms_link_take_report(struct sms_link *in, const struct link_config *link, const struct link_report *report,
			  struct link_ref ref)
{
	static const enum sms_fate fates[] = {
		[LINK_BUFFERED] = SMS_BUFFERED,
		[LINK_DELIVERED] = SMS_DELIVERED,
		[LINK_FAILED] = SMS_FAILED,
		[LINK_FATE_UNKNOWN] = SMS_FATE_UNKNOWN,
	};
	struct post *post = post_for(in, link);

	post->refs[post->batch.n] = ref;
	post->batch.at[post->batch.n++] = (struct sms_message){
		.kind = SMS_RECEIPT,
		.their_id = arena_dup(&post->arena, report->id),
		.fate = fates[report->fate],
	};
}
