/*
 * Tests of times: of the tip, of claims, of approvals.
 */
#include "daemon/money/audit_exceptions.h"
#include "daemon/money/audit_unclaimed.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
#define CHINA_MS (8 * HOUR_MS)
#define THURSDAY 4   /* 1970-01-01; Sunday is 0 */

void audit_find_tip_after_police(struct audit_finding *finding)
{
	int64_t before = finding->parameters[AUDIT_BEFORE_MINUTES] * MINUTE_MS;
	int64_t after = finding->parameters[AUDIT_AFTER_DAYS] * DAY_MS;

	for (size_t i = 0; i < finding->view->nrewards; i++) {
		const struct audit_reward *reward = &finding->view->rewards[i];
		int64_t since = reward->is->tip_ms - reward->is->known_ms;
		struct audit_hit *hit;

		if (reward->is->known_ms == 0)
			continue;
		finding->population++;
		if (since < -before || since > after)
			continue;
		hit = audit_hit_new(finding, reward);
		hit->value = since / MINUTE_MS;
		hit->at_ms = reward->is->tip_ms;
		hit->note = reward->is->detailed ? "detailed" : "";
		audit_hit_seq(finding, hit, reward->is->case_seq);
		audit_hit_seq(finding, hit, reward->is->seq);
	}
}

/* --- claims ----------------------------------------------------------------------------- */

void audit_find_late_claims(struct audit_finding *finding)
{
	for (size_t i = 0; i < finding->view->nrewards; i++) {
		const struct audit_reward *reward = &finding->view->rewards[i];
		struct audit_hit *hit;

		if (reward->claim_seq == 0)
			continue;
		finding->population++;
		if (!audit_claimed_late(reward, finding->parameters[AUDIT_LATE_PERCENT]))
			continue;
		hit = audit_hit_new(finding, reward);
		hit->value = (reward->deadline_ms - reward->claim_ms) / DAY_MS;
		hit->at_ms = reward->claim_ms;
		hit->note = reward->late_panel ? "panel" : "";
		audit_hit_seq(finding, hit, reward->publish_seq);
		if (reward->deadline_seq != reward->publish_seq)
			audit_hit_seq(finding, hit, reward->deadline_seq);
		audit_hit_seq(finding, hit, reward->claim_seq);
	}
}

/* --- approvals ----------------------------------------------------------------------------- */

static bool is_approval(const struct audit_row *row)
{
	return row->act == AUDIT_APPROVE || row->act == AUDIT_REINSTATE;
}

static bool is_night(const struct audit_finding *finding, int64_t hour)
{
	int64_t from = finding->parameters[AUDIT_NIGHT_FROM], until = finding->parameters[AUDIT_NIGHT_UNTIL];

	return from > until ? hour >= from || hour < until : hour >= from && hour < until;
}

/* By the policy of the reward: it knows holidays, and weekends on which people work. */
static const char *off_day(const struct audit_finding *finding, const struct audit_reward *reward, int64_t at_ms)
{
	const struct policy *policy = book_policy(finding->book, reward->is->policy);
	int64_t day = (at_ms + CHINA_MS) / DAY_MS, weekday = (day + THURSDAY) % 7;
	bool weekend = weekday == 0 || weekday == 6;

	if (policy != NULL && policy_working_days(policy, day - 1, day) > 0)
		return NULL;
	if (policy == NULL && !weekend)
		return NULL;
	return weekend ? "weekend" : "holiday";
}

void audit_find_off_hours(struct audit_finding *finding)
{
	for (size_t i = 0; i < finding->view->n; i++) {
		const struct audit_row *row = audit_view_row(finding->view, i);
		const struct audit_reward *reward = is_approval(row) ? audit_view_of(finding->view, row) : NULL;
		int64_t hour = (row->at_ms + CHINA_MS) / HOUR_MS % 24;
		const char *note;
		struct audit_hit *hit;

		if (reward == NULL)
			continue;
		finding->population++;
		note = is_night(finding, hour) ? "night" : off_day(finding, reward, row->at_ms);
		if (note == NULL)
			continue;
		hit = audit_hit_new(finding, reward);
		hit->with = audit_view_text(finding->view, row->person);
		hit->note = note;
		hit->value = hour;
		hit->at_ms = row->at_ms;
		audit_hit_seq(finding, hit, i + 1);
	}
}

/* --- in a hurry ------------------------------------------------------------------------------ */

struct hurry {
	struct audit_finding *finding;
	size_t *step;      /* by reward: number of the last submission or approval */
	size_t *person;    /* by name: of the last approval */
};

static void take_approval(struct hurry *hurry, const struct audit_reward *reward, const struct audit_row *row, size_t seq)
{
	const struct audit_view *view = hurry->finding->view;
	int64_t within = hurry->finding->parameters[AUDIT_WITHIN_SECONDS] * SECOND_MS;
	size_t step = hurry->step[row->reward], own = hurry->person[row->person];
	int64_t since_step = step > 0 ? row->at_ms - audit_view_row(view, step - 1)->at_ms : INT64_MAX;
	int64_t since_own = own > 0 ? row->at_ms - audit_view_row(view, own - 1)->at_ms : INT64_MAX;
	bool by_step = since_step <= since_own;
	struct audit_hit *hit;

	hurry->finding->population++;
	if (since_step > within && since_own > within)
		return;
	hit = audit_hit_new(hurry->finding, reward);
	hit->with = audit_view_text(view, row->person);
	hit->note = by_step ? "step" : "person";
	hit->value = (by_step ? since_step : since_own) / SECOND_MS;
	hit->at_ms = row->at_ms;
	audit_hit_seq(hurry->finding, hit, by_step ? step : own);
	audit_hit_seq(hurry->finding, hit, seq);
}

void audit_find_fast_approvals(struct audit_finding *finding)
{
	const struct audit_view *view = finding->view;
	struct hurry hurry = { .finding = finding };

	hurry.step = arena_array(view->arena, size_t, audit_log_proposals(view->log) + 1);
	hurry.person = arena_array(view->arena, size_t, audit_log_texts(view->log));
	for (size_t i = 0; i < view->n; i++) {
		const struct audit_row *row = audit_view_row(view, i);
		const struct audit_reward *reward = audit_view_of(view, row);

		if (reward == NULL || (!is_approval(row) && row->act != AUDIT_SUBMIT))
			continue;
		if (is_approval(row)) {
			take_approval(&hurry, reward, row, i + 1);
			hurry.person[row->person] = i + 1;
		}
		hurry.step[row->reward] = i + 1;
	}
}
