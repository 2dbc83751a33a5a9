/*
 * tipctl doctor: the files of the journals, by their names and heads. What is
 * in them, and in the store, is for `tipctl archive verify`.
 */
#include "daemon/cli/tipctl_doctor.h"
#include "daemon/sys/archive.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct found {
	size_t files;
	uint64_t events;
	struct complaint why;   /* text empty: nothing is wrong */
};

/* Files of a journal follow each other from the first event on. */
static bool look_at_journal(const struct archive *archive, const char *journal, struct found *found)
{
	struct archive_digest before = { .bytes = { 0 } };
	struct archive_head head;
	uint64_t next = 1;
	size_t n;
	struct archive_range *ranges = archive_ranges(archive, journal, &n);
	bool well = true;

	for (size_t i = 0; well && i < n; i++) {
		if (ranges[i].first != next)
			well = complain(&found->why, 0, "journal %s: no file has event %llu", journal, (unsigned long long)next);
		if (!well)
			break;
		well = archive_head_of(archive, journal, ranges[i], &head, &found->why);
		if (well && memcmp(&head.before, &before, sizeof(before)) != 0)
			well = complain(&found->why, 0, "journal %s: the file with event %llu does not follow the one before it",
					journal, (unsigned long long)next);
		before = head.digest;
		next = ranges[i].last + 1;
		archive_head_release(&head);
	}
	found->files += n;
	found->events += next - 1;
	free(ranges);
	return well;
}

void doctor_archive(struct doctor *doctor)
{
	const char *dir = config_archive_dir(doctor->config);
	struct archive *archive = archive_new(dir);
	struct found found = { .files = 0 };
	const struct dirent *entry;
	DIR *list = opendir(dir);
	bool well = true;

	while (list != NULL && well && (entry = readdir(list)) != NULL)
		if (entry->d_name[0] != '.' && strlen(entry->d_name) <= ARCHIVE_JOURNAL_MAX)
			well = look_at_journal(archive, entry->d_name, &found);
	if (!well)
		finding(doctor, FINDING_FAIL, "%s; bring the file back from a copy, then: tipctl archive verify", found.why.text);
	else if (list != NULL && access(dir, W_OK) != 0)
		finding(doctor, FINDING_FAIL, "%s cannot be written; give it to the user of the daemon", dir);
	else
		finding(doctor, FINDING_OK, "%zu files with %llu events in %s", found.files, (unsigned long long)found.events, dir);
	if (list != NULL)
		closedir(list);
	archive_free(archive);
}
