/*
 * The words of an incident's tips, and which two are compared: those that hang
 * together, and those of which one was suggested to the other; see incident.c.
 */
#include "daemon/base/wipe.h"
#include "handlers/bureau/incident_inside.h"

/* All words at once: a link tells of two tips. */
static void open_words(struct flow *flow, struct incident_flow *i)
{
	i->words = arena_array(flow_arena(flow), struct words, i->nreadable + 1);
	for (size_t r = 0; r < i->nreadable; r++) {
		struct dossier dossier;

		dossier_open(i->app, &i->staff, &i->readable[r], flow_arena(flow), &dossier);
		i->words[r] = (struct words){ .id = i->readable[r].id };
		if (dossier.readable)
			i->words[r].text = dossier.content.text.at != NULL ? dossier.content.text : SPAN("");
		wipe(&dossier.tip_key, sizeof(dossier.tip_key));
	}
}

static struct span words_of(const struct incident_flow *i, const struct tip_id *id)
{
	for (size_t w = 0; w < i->nreadable; w++)
		if (ascent_same(&i->words[w].id, id) && i->words[w].text.at != NULL)
			return i->words[w].text;
	return (struct span){ 0 };
}

/* Nothing when one of them is not for this person. */
static void add_pair(struct incident_flow *i, const struct tip_id *here, const struct tip_id *there)
{
	struct span one = words_of(i, here), other = words_of(i, there);

	if (one.at != NULL && other.at != NULL)
		evidence_add(&i->evidence, here, there, one, other);
}

/* Links first: there may be more suggestions than can be compared. */
void incident_words(struct flow *flow)
{
	struct incident_flow *i = flow_state(flow);

	open_words(flow, i);
	i->evidence.judge = i->app->judge;
	i->evidence.arena = flow_arena(flow);
	for (size_t m = 0; m < i->nmembers; m++)
		if (i->members[m]->parent.text[0] != '\0')
			add_pair(i, &i->members[m]->id, &i->members[m]->parent);
	for (size_t m = 0; m < i->nmembers; m++)
		for (size_t s = 0; s < i->members[m]->nsuggestions; s++)
			if (!i->members[m]->suggestions[s].declined && !incident_member(i, &i->members[m]->suggestions[s].other))
				add_pair(i, &i->members[m]->id, &i->members[m]->suggestions[s].other);
}
