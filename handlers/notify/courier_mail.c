/*
 * An errand of the courier: a notice to a bureau by mail. Whether a server has a
 * message whose answer was lost nobody can tell; it is sent again then, under
 * the same Message-ID, for a notice told twice is better than one not told.
 */
#include "handlers/notify/courier_inside.h"

#include "daemon/base/mail_message.h"
#include "daemon/http/smtp.h"
#include "daemon/sys/log.h"
#include "handlers/notify/notice_mail.h"

#define MAIL_TIMEOUT_MS 60000

/* "550" or the client's own words. */
static const char *said(const struct smtp_answer *answer)
{
	return answer->code > 0 ? log_u64((uint64_t)answer->code) : answer->error;
}

static void answered(void *ctx, const struct smtp_answer *answer)
{
	struct errand *errand = ctx;

	if (!courier_answered(errand->courier))
		return;
	errand->courier->figures.mail[answer->outcome]++;
	switch (answer->outcome) {
	case SMTP_ACCEPTED:
		if (answer->refused_to > 0)
			log_event(LOG_LEVEL_WARNING, "courier.mail_recipients", "refused", log_u64(answer->refused_to), NULL);
		courier_notice_taken(errand);
		return;
	case SMTP_REFUSED:
		log_event(LOG_LEVEL_WARNING, "courier.mail_refused", "code", log_u64((uint64_t)answer->code), NULL);
		courier_notice_given_up(errand, "refused");
		return;
	case SMTP_UNKNOWN:
		log_event(LOG_LEVEL_WARNING, "courier.mail_unknown", "why", said(answer), NULL);
		courier_later(errand);
		return;
	case SMTP_LATER:
		log_rarely(LOG_LEVEL_WARNING, "courier.mail_not_taken", said(answer));
		courier_notice_not_sent(errand);
		courier_later(errand);
		return;
	}
}

static const char *const *recipients(const struct notice_channel *channel, struct arena *arena)
{
	struct span rest = span_of(channel->mail_to), address;
	const char **to = arena_array(arena, const char *, rest.len / 2 + 2);
	size_t n = 0;

	while (mail_address_next(&rest, &address))
		to[n++] = arena_dup(arena, address).at;
	to[n] = NULL;
	return to;
}

void courier_carry_mail(struct errand *errand, const struct notice_channel *channel, struct span id)
{
	struct courier *courier = errand->courier;
	const struct smtp_letter letter = {
		.from = channel->mail_from,
		.to = recipients(channel, &errand->arena),
		.message = notice_mail(channel, &errand->item.notice.notice, id, courier_wall_ms(courier), &errand->arena),
	};

	courier->outstanding++;
	smtp_client_start(courier->env.smtp, courier->env.mail, &letter, MAIL_TIMEOUT_MS, answered, errand);
}
