/*
 * One connection's talk; see dialog.h.
 */
#include "daemon/link/dialog.h"

#include "daemon/base/memory.h"
#include "daemon/base/wipe.h"

#include <assert.h>
#include <stdlib.h>

#define LOGIN_MS 10000
#define ALIVE_TRIES 3          /* keepalives without an answer, and the peer is dead */
#define ALIVE_WAIT_MS 10000    /* between them; no longer than the silence before the first */
#define DRAIN_MS 5000          /* for what is open when one side wants to end */
#define IN_FACTOR 4            /* messages of ours to answer, in windows; a carrier with a larger one waits */
#define IN_MIN 64
#define OUT_MAX ((size_t)256 * 1024)
#define BROKEN_MAX 100         /* PDUs that could not be read, and the connection is given up */

/* A message of the peer's that has no answer yet. */
struct incoming {
	uint64_t number;
	struct link_event event;   /* spans into `ids` */
	char ids[2][LINK_ID_MAX];
};

struct outgoing {
	uint32_t sequence;
	void *token;
	uint64_t sent_ms;
};

struct dialog {
	struct dialog_env env;
	enum dialog_state state;
	enum dialog_why why;
	unsigned status;
	bool hopeless;
	bool pumping;
	bool goodbye_sent;         /* ours; its answer is waited for */
	bool goodbye_owed;         /* theirs; answered when nothing is open */
	struct link_event goodbye;
	unsigned version;          /* asked for, then agreed on */
	struct buf login;          /* as it went out, until it is answered; of protocols that prove themselves alone */
	enum link_proof proof;
	uint32_t sequence, login_sequence;
	uint64_t now_ms, heard_ms, until_ms;   /* until: of the state */
	unsigned alives;           /* asked since it was heard */
	uint64_t broken;
	struct buf in, out;
	struct arena arena;
	uint64_t next_number;
	struct incoming *incoming;
	size_t nincoming, incoming_max;
	struct outgoing *outgoing;
	size_t noutgoing;
};

/* --- life ----------------------------------------------------------------------- */

static uint32_t next_sequence(struct dialog *d)
{
	const struct link_protocol *p = d->env.protocol;

	d->sequence = d->sequence < p->sequence_first || d->sequence >= p->sequence_last ? p->sequence_first
										  : d->sequence + 1;
	return d->sequence;
}

struct dialog *dialog_new(const struct dialog_env *env, uint64_t now_ms, int64_t wall_ms)
{
	struct dialog *d = memory_zeroes(1, sizeof(*d));
	size_t wanted = (size_t)env->config->window * IN_FACTOR;

	assert(env->config->window > 0);
	d->env = *env;
	d->now_ms = d->heard_ms = now_ms;
	d->until_ms = now_ms + LOGIN_MS;
	d->incoming_max = wanted > IN_MIN ? wanted : IN_MIN;
	d->incoming = memory_zeroes(d->incoming_max, sizeof(*d->incoming));
	d->outgoing = memory_zeroes(env->config->window, sizeof(*d->outgoing));
	d->login_sequence = next_sequence(d);
	d->version = env->version;
	env->protocol->write_login(env->config, env->role, env->version, d->login_sequence, wall_ms, &d->out);
	if (env->protocol->proof != NULL)
		buf_add_span(&d->login, buf_span(&d->out));
	return d;
}

static void forget_login(struct dialog *d)
{
	if (d->login.len > 0)
		wipe(d->login.at, d->login.len);
	buf_release(&d->login);
}

void dialog_free(struct dialog *d)
{
	if (d == NULL)
		return;
	forget_login(d);
	buf_release(&d->in);
	buf_release(&d->out);
	arena_release(&d->arena);
	free(d->incoming);
	free(d->outgoing);
	free(d);
}

enum dialog_state dialog_state(const struct dialog *d)
{
	return d->state;
}

enum dialog_why dialog_why(const struct dialog *d)
{
	return d->why;
}

unsigned dialog_status(const struct dialog *d)
{
	return d->status;
}

bool dialog_hopeless(const struct dialog *d)
{
	return d->hopeless;
}

unsigned dialog_version(const struct dialog *d)
{
	return d->version;
}

enum link_proof dialog_proof(const struct dialog *d)
{
	return d->proof;
}

struct buf *dialog_out(struct dialog *d)
{
	return &d->out;
}

size_t dialog_open(const struct dialog *d)
{
	return d->nincoming + d->noutgoing;
}

uint64_t dialog_broken(const struct dialog *d)
{
	return d->broken;
}

/* --- ends ------------------------------------------------------------------------ */

static void submit_end(struct dialog *d, size_t i, const struct dialog_result *result)
{
	void *token = d->outgoing[i].token;

	d->outgoing[i] = d->outgoing[--d->noutgoing];
	d->env.submitted(d->env.ctx, token, result);
}

static void end(struct dialog *d, enum dialog_why why)
{
	const struct dialog_result unknown = { .known = false };

	if (d->state == DIALOG_ENDED)
		return;
	d->state = DIALOG_ENDED;
	d->why = why;
	d->nincoming = 0;
	while (d->noutgoing > 0)
		submit_end(d, d->noutgoing - 1, &unknown);
}

void dialog_lost(struct dialog *d)
{
	end(d, d->state == DIALOG_CLOSING ? (d->goodbye_owed ? DIALOG_WHY_PEER : DIALOG_WHY_OURS) : DIALOG_WHY_LOST);
}

/* Goes on with a goodbye when nothing is open any more. */
static void try_goodbye(struct dialog *d)
{
	if (d->state != DIALOG_CLOSING || (dialog_open(d) > 0 && d->now_ms < d->until_ms))
		return;
	if (d->goodbye_owed) {
		d->env.protocol->write_close_answer(&d->goodbye, &d->out);
		end(d, DIALOG_WHY_PEER);
	} else if (!d->goodbye_sent) {
		d->goodbye_sent = true;
		d->until_ms = d->now_ms + DRAIN_MS;
		d->env.protocol->write_close(next_sequence(d), &d->out);
	} else if (d->now_ms >= d->until_ms) {
		end(d, DIALOG_WHY_OURS);
	}
}

void dialog_close(struct dialog *d, uint64_t now_ms)
{
	d->now_ms = now_ms;
	if (d->state == DIALOG_LOGIN)
		end(d, DIALOG_WHY_OURS);
	if (d->state != DIALOG_UP)
		return;
	d->state = DIALOG_CLOSING;
	d->until_ms = now_ms + DRAIN_MS;
	try_goodbye(d);
}

/* --- messages in -------------------------------------------------------------------- */

static struct span kept(char *at, struct span s)
{
	size_t len = s.len < LINK_ID_MAX ? s.len : LINK_ID_MAX;

	if (len > 0)
		memcpy(at, s.at, len);
	return span_from(at, len);
}

/* What an answer needs of the event, beyond the PDU's life. */
static uint64_t keep(struct dialog *d, const struct link_event *event)
{
	struct incoming *in = &d->incoming[d->nincoming++];

	in->number = ++d->next_number;
	in->event = *event;
	in->event.message = (struct link_message){ .key = kept(in->ids[0], event->message.key) };
	in->event.report = (struct link_report){ .id = kept(in->ids[1], event->report.id), .fate = event->report.fate };
	in->event.id = (struct span){ 0 };
	return in->number;
}

static struct incoming *incoming_find(struct dialog *d, uint64_t number)
{
	for (size_t i = 0; i < d->nincoming; i++)
		if (d->incoming[i].number == number)
			return &d->incoming[i];
	return NULL;
}

/* The last one takes the place of one that is gone; its spans lie in itself. */
static void incoming_drop(struct dialog *d, struct incoming *in)
{
	struct incoming *last = &d->incoming[--d->nincoming];

	if (in == last)
		return;
	*in = *last;
	in->event.message.key.at = in->ids[0];
	in->event.report.id.at = in->ids[1];
}

bool dialog_answer(struct dialog *d, uint64_t number, enum link_answer answer)
{
	struct incoming *in = incoming_find(d, number);

	if (in == NULL || d->state == DIALOG_ENDED)
		return false;
	d->env.protocol->write_answer(&in->event, answer, d->version, &d->out);
	incoming_drop(d, in);
	try_goodbye(d);
	return true;
}

/* --- events -------------------------------------------------------------------------- */

static bool is_proven(struct dialog *d, struct span answer)
{
	const char *wanted = d->env.config->proof;

	if (d->env.protocol->proof == NULL)
		return true;
	d->proof = d->env.protocol->proof(d->env.config, buf_span(&d->login), answer);
	forget_login(d);
	if (wanted != NULL && strcmp(wanted, "ignored") == 0)
		return true;
	return d->proof == LINK_PROOF_GOOD ||
	       (d->proof == LINK_PROOF_NONE && (wanted == NULL || strcmp(wanted, "required") != 0));
}

static void logged_in(struct dialog *d, const struct link_event *event, struct span answer)
{
	if (!is_proven(d, answer)) {
		end(d, DIALOG_WHY_UNPROVEN);
		return;
	}
	d->state = DIALOG_UP;
	d->version = event->version;
	d->env.up(d->env.ctx);
}

static void refused(struct dialog *d, const struct link_event *event)
{
	d->status = event->status;
	d->hopeless = !event->later;
	if (event->version != 0)
		d->version = event->version;
	end(d, DIALOG_WHY_REFUSED);
}

static void submitted(struct dialog *d, const struct link_event *event)
{
	const struct dialog_result result = { .known = true, .outcome = event->outcome, .id = event->id,
					      .status = event->status };

	for (size_t i = 0; i < d->noutgoing; i++)
		if (d->outgoing[i].sequence == event->sequence) {
			submit_end(d, i, &result);
			break;
		}
	/* An answer that comes too late has no submit any more. */
	if (event->outcome == LINK_BAD)
		end(d, DIALOG_WHY_BAD);
	try_goodbye(d);
}

static void unreadable(struct dialog *d, const struct link_event *event)
{
	d->broken += event->kind == LINK_EV_BROKEN;
	if (d->env.protocol->write_unknown != NULL)
		d->env.protocol->write_unknown(event, &d->out);
	if ((event->kind == LINK_EV_BROKEN && !event->later) || d->env.protocol->write_unknown == NULL ||
	    d->broken >= BROKEN_MAX)
		end(d, DIALOG_WHY_BROKEN);
}

static void peer_closes(struct dialog *d, const struct link_event *event)
{
	if (d->goodbye_sent) {
		d->env.protocol->write_close_answer(event, &d->out);
		end(d, DIALOG_WHY_OURS);
		return;
	}
	d->goodbye = (struct link_event){ .kind = event->kind, .command = event->command, .sequence = event->sequence };
	memcpy(d->goodbye.sequence_rest, event->sequence_rest, sizeof(event->sequence_rest));
	d->goodbye_owed = true;
	if (d->state != DIALOG_CLOSING)
		d->until_ms = d->now_ms + DRAIN_MS;
	d->state = DIALOG_CLOSING;
	try_goodbye(d);
}

static void take_event(struct dialog *d, const struct link_event *event)
{
	switch (event->kind) {
	case LINK_EV_MESSAGE:
		d->env.message(d->env.ctx, &event->message, keep(d, event));
		return;
	case LINK_EV_REPORT:
		d->env.report(d->env.ctx, &event->report, keep(d, event));
		return;
	case LINK_EV_SUBMITTED:
		submitted(d, event);
		return;
	case LINK_EV_ALIVE:
		d->env.protocol->write_alive_answer(event, &d->out);
		return;
	case LINK_EV_CLOSE:
		peer_closes(d, event);
		return;
	case LINK_EV_CLOSED:
		if (d->goodbye_sent)
			end(d, DIALOG_WHY_OURS);
		return;
	case LINK_EV_UNKNOWN:
	case LINK_EV_BROKEN:
		unreadable(d, event);
		return;
	case LINK_EV_LOGGED_IN:   /* once is enough */
	case LINK_EV_REFUSED:
	case LINK_EV_ALIVE_ANSWER:
	case LINK_EV_NOTHING:
		return;
	}
}

/* Before the login is answered, nothing else is legal but signs of life. */
static void take_early(struct dialog *d, struct link_event *event, struct span pdu)
{
	switch (event->kind) {
	case LINK_EV_LOGGED_IN:
		logged_in(d, event, pdu);
		return;
	case LINK_EV_SUBMITTED:   /* what refuses anything */
		event->later = true;
		refused(d, event);
		return;
	case LINK_EV_REFUSED:
		refused(d, event);
		return;
	case LINK_EV_ALIVE:
		d->env.protocol->write_alive_answer(event, &d->out);
		return;
	case LINK_EV_CLOSE:
		d->env.protocol->write_close_answer(event, &d->out);
		end(d, DIALOG_WHY_PEER);
		return;
	case LINK_EV_ALIVE_ANSWER:
	case LINK_EV_NOTHING:
		return;
	case LINK_EV_MESSAGE:
	case LINK_EV_REPORT:
	case LINK_EV_CLOSED:
	case LINK_EV_UNKNOWN:
	case LINK_EV_BROKEN:
		end(d, DIALOG_WHY_BROKEN);
		return;
	}
}

/* --- octets in ------------------------------------------------------------------------- */

bool dialog_wants_input(const struct dialog *d)
{
	return d->state != DIALOG_ENDED && d->nincoming < d->incoming_max && d->out.len < OUT_MAX;
}

static void take_pdu(struct dialog *d, struct span pdu)
{
	struct link_event event = { 0 };

	d->env.protocol->read(d->env.config, d->version, pdu, &d->arena, &event);
	if (d->state == DIALOG_LOGIN)
		take_early(d, &event, pdu);
	else
		take_event(d, &event);
	arena_clear(&d->arena);
}

static void pump(struct dialog *d)
{
	size_t at = 0;

	while (dialog_wants_input(d)) {
		struct span rest = span_from_offset(buf_span(&d->in), at);
		size_t len = d->env.protocol->frame(rest);

		if (len == SIZE_MAX) {
			d->broken++;
			end(d, DIALOG_WHY_BROKEN);
		}
		if (len == 0 || len > rest.len)
			break;
		take_pdu(d, span_from(rest.at, len));
		at += len;
	}
	if (at > 0)
		buf_drop(&d->in, at);
}

void dialog_input(struct dialog *d, struct span octets, uint64_t now_ms)
{
	if (d->state == DIALOG_ENDED)
		return;
	d->now_ms = now_ms;
	if (octets.len > 0) {
		buf_add_span(&d->in, octets);
		d->heard_ms = now_ms;
		d->alives = 0;
	}
	if (d->pumping)
		return;
	d->pumping = true;
	pump(d);
	d->pumping = false;
}

/* --- octets out -------------------------------------------------------------------------- */

bool dialog_has_room(const struct dialog *d)
{
	return d->state == DIALOG_UP && d->env.role != LINK_IN && d->noutgoing < d->env.config->window &&
	       d->out.len < OUT_MAX;
}

void dialog_submit(struct dialog *d, const struct link_submit *submit, void *token, uint64_t now_ms)
{
	struct outgoing *out = &d->outgoing[d->noutgoing];

	assert(dialog_has_room(d));
	d->noutgoing++;
	*out = (struct outgoing){ .sequence = next_sequence(d), .token = token, .sent_ms = now_ms };
	d->env.protocol->write_submit(d->env.config, submit, out->sequence, d->version, &d->out);
}

/* --- time ----------------------------------------------------------------------------------- */

static void drop_overdue(struct dialog *d)
{
	const struct dialog_result unknown = { .known = false };
	uint64_t wait_ms = (uint64_t)d->env.config->answer_s * 1000;

	for (size_t i = d->noutgoing; i-- > 0;)
		if (i < d->noutgoing && d->now_ms >= d->outgoing[i].sent_ms + wait_ms)
			submit_end(d, i, &unknown);
}

static void keep_alive(struct dialog *d)
{
	uint64_t silence_ms = (uint64_t)d->env.config->keepalive_s * 1000;
	uint64_t wait_ms = silence_ms < ALIVE_WAIT_MS ? silence_ms : ALIVE_WAIT_MS;

	/* What we do not read we cannot miss. A peer that does not read is another thing. */
	if (d->nincoming == d->incoming_max) {
		d->heard_ms = d->now_ms;
		return;
	}
	if (silence_ms == 0 || d->now_ms < d->heard_ms + silence_ms + d->alives * wait_ms)
		return;
	if (d->alives == ALIVE_TRIES) {
		end(d, DIALOG_WHY_SILENT);
		return;
	}
	d->alives++;
	d->env.protocol->write_alive(next_sequence(d), &d->out);
}

void dialog_tick(struct dialog *d, uint64_t now_ms)
{
	d->now_ms = now_ms;
	switch (d->state) {
	case DIALOG_LOGIN:
		if (now_ms >= d->until_ms)
			end(d, DIALOG_WHY_SILENT);
		return;
	case DIALOG_UP:
		drop_overdue(d);
		keep_alive(d);
		return;
	case DIALOG_CLOSING:
		drop_overdue(d);
		try_goodbye(d);
		return;
	case DIALOG_ENDED:
		return;
	}
}
