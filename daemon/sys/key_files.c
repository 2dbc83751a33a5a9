/*
 * Key files; see key_files.h.
 */
#include "daemon/sys/key_files.h"

#include "daemon/base/table.h"
#include "daemon/base/wipe.h"
#include "daemon/sys/files.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#define HEX_DIGITS (2 * KEY_FILE_BYTES)

/* --- the directory ------------------------------------------------------------- */

static bool below_credentials(const char *path)
{
	const char *from = getenv("CREDENTIALS_DIRECTORY");
	size_t len = from != NULL ? strlen(from) : 0;

	return len > 1 && strncmp(path, from, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

static bool lock_for_writing(struct key_dir *dir, struct complaint *why)
{
	dir->lock = open(dir->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir->lock < 0)
		return complain(why, 0, "cannot open %s: %s", dir->path, strerror(errno));
	while (flock(dir->lock, LOCK_EX) != 0) {
		if (errno == EINTR)
			continue;
		key_dir_close(dir);
		return complain(why, 0, "cannot lock %s: %s", dir->path, strerror(errno));
	}
	return true;
}

bool key_dir_open(struct key_dir *dir, const char *path, bool write, struct complaint *why)
{
	*dir = (struct key_dir){ .path = path, .credentials = below_credentials(path), .lock = -1 };
	if (dir->credentials)
		return true;
	if (write && !files_make_dir(path, why))
		return false;
	if (!files_private(path, why))
		return false;
	return !write || lock_for_writing(dir, why);
}

void key_dir_close(struct key_dir *dir)
{
	if (dir->lock >= 0)
		close(dir->lock);
	dir->lock = -1;
}

static bool path_of(const struct key_dir *dir, const char *name, char path[PATH_MAX], struct complaint *why)
{
	if (snprintf(path, PATH_MAX, "%s/%s", dir->path, name) >= PATH_MAX)
		return complain(why, 0, "path too long: %.180s", dir->path);
	return true;
}

/* --- one file -------------------------------------------------------------------- */

static bool hex_key(struct span text, unsigned char key[KEY_FILE_BYTES])
{
	size_t len;

	while (text.len > 0 && (text.at[text.len - 1] == '\n' || text.at[text.len - 1] == '\r'))
		text.len--;
	return text.len == HEX_DIGITS &&
	       sodium_hex2bin(key, KEY_FILE_BYTES, text.at, text.len, NULL, &len, NULL) == 0 &&
	       len == KEY_FILE_BYTES;
}

static bool read_private(const struct key_dir *dir, const char *path, unsigned char key[KEY_FILE_BYTES],
			 struct complaint *why)
{
	struct buf text = { 0 };
	bool well = (dir->credentials || files_private(path, why)) &&
		    files_read(path, HEX_DIGITS + 2, &text, why);

	if (well && !hex_key(buf_span(&text), key))
		well = complain(why, 0,
				"%s holds no key: %zu hex digits are expected; bring it back from a copy",
				path, HEX_DIGITS);
	buf_release(&text);
	return well;
}

enum key_read key_file_read(const struct key_dir *dir, const char *name, unsigned char key[KEY_FILE_BYTES],
			    struct complaint *why)
{
	char path[PATH_MAX];

	if (!path_of(dir, name, path, why))
		return KEY_REFUSED;
	if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT)
		return KEY_ABSENT;
	return read_private(dir, path, key, why) ? KEY_READ : KEY_REFUSED;
}

bool key_file_write(const struct key_dir *dir, const char *name, const unsigned char key[KEY_FILE_BYTES],
		    struct complaint *why)
{
	char path[PATH_MAX];
	char text[HEX_DIGITS + 2];
	bool well;

	assert(dir->lock >= 0);
	if (!path_of(dir, name, path, why))
		return false;
	sodium_bin2hex(text, HEX_DIGITS + 1, key, KEY_FILE_BYTES);
	text[HEX_DIGITS] = '\n';
	well = files_replace(path, span_from(text, HEX_DIGITS + 1), 0600, why);
	wipe(text, sizeof(text));
	return well;
}

enum key_read key_file_text(const struct key_dir *dir, const char *name, size_t max_bytes, struct buf *into, struct complaint *why)
{
	char path[PATH_MAX];

	if (!path_of(dir, name, path, why))
		return KEY_REFUSED;
	if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT)
		return KEY_ABSENT;
	return (dir->credentials || files_private(path, why)) && files_read(path, max_bytes, into, why) ? KEY_READ : KEY_REFUSED;
}

bool key_file_text_write(const struct key_dir *dir, const char *name, struct span text, struct complaint *why)
{
	char path[PATH_MAX];

	assert(dir->lock >= 0);
	return path_of(dir, name, path, why) && files_replace(path, text, 0600, why);
}

bool key_file_rename(const struct key_dir *dir, const char *from, const char *to, struct complaint *why)
{
	char old[PATH_MAX], path[PATH_MAX];

	assert(dir->lock >= 0);
	if (!path_of(dir, from, old, why) || !path_of(dir, to, path, why))
		return false;
	if (rename(old, path) == 0 && fsync(dir->lock) == 0)
		return true;
	return complain(why, 0, "cannot rename %s: %s", old, strerror(errno));
}

bool key_file_destroy(const struct key_dir *dir, const char *name, struct complaint *why)
{
	char path[PATH_MAX];

	assert(dir->lock >= 0);
	if (!path_of(dir, name, path, why))
		return false;
	if (unlink(path) == 0 && fsync(dir->lock) == 0)
		return true;
	return complain(why, 0, "cannot destroy %s: %s", path, strerror(errno));
}

/* --- all of them ------------------------------------------------------------------ */

static bool ends_in(struct span s, struct span end)
{
	return s.len > end.len && span_eq(span_from_offset(s, s.len - end.len), end);
}

static int is_key_name(const struct dirent *entry)
{
	struct span name = span_of(entry->d_name);

	return name.len <= KEY_NAME_MAX && (ends_in(name, SPAN(".key")) || ends_in(name, SPAN(".pub")) || ends_in(name, SPAN(".box")));
}

bool key_dir_each(const struct key_dir *dir, bool (*visit)(void *ctx, const char *name), void *ctx,
		  struct complaint *why)
{
	struct dirent **names;
	int n = scandir(dir->path, &names, is_key_name, alphasort);
	bool well = true;

	if (n < 0)
		return complain(why, 0, "cannot list %s: %s", dir->path, strerror(errno));
	for (int i = 0; i < n; i++) {
		well = well && visit(ctx, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return well;
}

static const struct {
	const char *pattern;
	const char *kind;
} kinds[] = {
	{ "receipt.key", "receipt codes (symmetric)" },
	{ "fingerprint.key", "fingerprints (symmetric)" },
	{ "requests.key", "request marks (symmetric)" },
	{ "courier.key", "outbox and SMS parts (symmetric)" },
	{ "sender-[0-9][0-9][0-9][0-9].key", "sender marks, by epoch (symmetric)" },
	{ "promise.key", "promises (Ed25519 seed)" },
	{ "promise.pub", "promises (Ed25519 public)" },
	{ "log.key", "sealed log (Ed25519 seed)" },
	{ "log.pub", "sealed log (Ed25519 public)" },
	{ "leaf.key", "leaves of the log (symmetric)" },
	{ "staff.key", "second factors of staff (symmetric)" },
	{ "identity.pub", "identities (X25519 public)" },
	{ "identity-share-[12].key", "identities (half of the private key)" },
	{ "bureau-[0-9][0-9][0-9][0-9][0-9][0-9].pub", "bureau (X25519 public)" },
	{ "bureau-[0-9][0-9][0-9][0-9][0-9][0-9].key", "bureau (X25519 private, plain)" },
	{ "bureau-[0-9][0-9][0-9][0-9][0-9][0-9].box", "bureau (private half, sealed)" },
	{ "identity-share-[12].box", "identities (half, sealed)" },
	{ "recovery.pub", "recovery (X25519 public)" },
};

const char *key_file_kind(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (fnmatch(kinds[i].pattern, name, 0) == 0)
			return kinds[i].kind;
	return NULL;
}
