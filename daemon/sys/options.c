/*
 * The option table; see options.h.
 *
 * How values of a type are read and shown is sys/option_types.c.
 */
#include "daemon/sys/options.h"

#include "daemon/base/table.h"
#include "daemon/core/tip/tip.h"
#include "daemon/sys/config.h"

#include <stdio.h>

#define KIB UINT64_C(1024)
#define MIB (KIB * 1024)
#define GIB (MIB * 1024)
#define DAY_S UINT64_C(86400)
#define FIELD(member) offsetof(struct config, member)
#define GATEWAY(member) offsetof(struct config_gateway, member)
#define LINK(member) offsetof(struct config_link, member)
#define NOTICE(member) offsetof(struct config_notice, member)
#define RAIL(member) offsetof(struct config_rail, member)
#define FEN_MAX UINT64_C(100000000000)   /* a billion yuan */

static const struct option_row rows[] = {
	{ .key = "state_dir", .type = OPTION_PATH, .at = FIELD(state_dir), .preset = "/var/lib/tipline",
	  .min = 1, .max = 4000,
	  .help = "Directory of everything the daemon keeps: the private Redis, spool, keys, staff tokens. Made "
		  "with mode 0700 when missing; one daemon alone may work on it." },
	{ .key = "roles", .type = OPTION_FLAGS, .at = FIELD(roles), .preset = "intake, desk, courier, jobs",
	  .words = "intake desk courier jobs",
	  .help = "What this process does. intake takes tips, desk serves officers, courier carries messages out, "
		  "jobs runs timers and linking. A process without desk holds no key that opens a tip." },

	{ .key = "sandbox", .type = OPTION_CHOICE, .at = FIELD(sandbox), .preset = "on", .words = "off on strict",
	  .help = "Before the first request the process gives up all system calls that it does not need (seccomp), all files "
		  "that its configuration does not name, and TCP where it talks to nobody (Landlock). on: what is not allowed fails; "
		  "strict: it ends the process, and a kernel without Landlock is refused." },

	{ .key = "listen.public", .type = OPTION_LISTEN, .at = FIELD(listen.public), .preset = "127.0.0.1:8080",
	  .help = "Address for the public: form, receipts, API, SMS gateways. Empty: not opened. A socket passed by "
		  "the service manager under the name public is used instead." },
	{ .key = "listen.staff", .type = OPTION_LISTEN, .at = FIELD(listen.staff), .preset = "127.0.0.1:8081",
	  .help = "Address for officers: desk pages and staff API. Keep it off the public network." },
	{ .key = "listen.ops", .type = OPTION_LISTEN, .at = FIELD(listen.ops), .preset = "127.0.0.1:8082",
	  .help = "Address for operations: /healthz, /readyz, /metrics. Keep it off the public network." },
	{ .key = "listen.trusted_proxies", .type = OPTION_NETS, .at = FIELD(listen.trusted_proxies), .preset = "",
	  .help = "Networks of the proxies in front, whose X-Forwarded-For field names the visitor. Only a hash of "
		  "it is used, for limits. Empty: no proxy is believed." },

	{ .key = "listen.tls", .type = OPTION_FLAGS, .at = FIELD(listen.tls), .preset = "", .words = "public staff ops",
	  .help = "Listeners that speak TLS 1.2 and 1.3 themselves. Empty: none; a proxy in front does." },
	{ .key = "listen.tls_certificate", .type = OPTION_PATH, .at = FIELD(listen.tls_certificate), .preset = "",
	  .max = 4000, .live = true,
	  .help = "File with the certificate and those that lead to its root, PEM. A name without a slash is a credential "
		  "passed by the service manager, or a file in the state directory. Read again on reload, also when its "
		  "name is the same; one that cannot be used leaves the old one." },
	{ .key = "listen.tls_key", .type = OPTION_PATH, .at = FIELD(listen.tls_key), .preset = "", .max = 4000, .live = true,
	  .help = "File with its private key, PEM, without a password; named and read again like the certificate. Nobody "
		  "but its owner and group may read it." },
	{ .key = "listen.tls_hsts_days", .type = OPTION_NUMBER, .at = FIELD(listen.tls_hsts_days), .preset = "365",
	  .min = 0, .max = 3650, .unit = "days",
	  .help = "So long browsers that came by our TLS ask this host by TLS alone, on all of its ports; 0: they are not told." },

	{ .key = "store.address", .type = OPTION_PEER, .at = FIELD(store.address), .preset = "",
	  .help = "Redis to use, as HOST:PORT or unix:/PATH; it must run with the settings of config/redis.conf. "
		  "Empty: the daemon starts and supervises a private one inside the state directory." },
	{ .key = "store.timeout_ms", .type = OPTION_NUMBER, .at = FIELD(store.timeout_ms), .preset = "1000",
	  .min = 50, .max = 10000, .unit = "milliseconds",
	  .help = "A call that Redis has not answered in this time counts as unknown; a tip then goes to the spool." },

	{ .key = "web.exit_url", .type = OPTION_URL, .at = FIELD(web.exit_url), .preset = "", .max = 500,
	  .help = "Where \"Leave now\" on each public page leads: a page that many people open. That site sees the visitor's "
		  "address, and no referrer. Empty: /exit, an empty page of our own." },
	{ .key = "web.sms_number", .type = OPTION_TEXT, .at = FIELD(web.sms_number), .preset = "", .max = 32,
	  .help = "Number for reports by short message, as the public pages tell it. Empty: they tell none." },
	{ .key = "web.telephone", .type = OPTION_TEXT, .at = FIELD(web.telephone), .preset = "", .max = 32,
	  .help = "Number for reports by telephone, likewise; 110 is told anyway." },

	{ .key = "limits.enabled", .type = OPTION_BOOL, .at = FIELD(limits.enabled), .preset = "true", .live = true,
	  .help = "Limits per visitor: tips and receipt attempts per time, connections per address. Switch them off "
		  "for load tests only. Sizes and deadlines always hold. On reload, connections keep their old limit." },
	{ .key = "limits.body_bytes", .type = OPTION_BYTES, .at = FIELD(limits.body_bytes), .preset = "64 KiB",
	  .min = KIB, .max = 16 * MIB, .unit = "bytes",
	  .help = "Largest request body, except for forms with files." },
	{ .key = "limits.text_bytes", .type = OPTION_BYTES, .at = FIELD(limits.text_bytes), .preset = "16 KiB",
	  .min = 256, .max = MIB, .unit = "bytes",
	  .help = "Longest text of a tip, in bytes of UTF-8; a Chinese character takes three." },
	{ .key = "limits.file_bytes", .type = OPTION_BYTES, .at = FIELD(limits.file_bytes), .preset = "10 MiB",
	  .min = KIB, .max = GIB, .unit = "bytes", .help = "Largest attached file." },
	{ .key = "limits.files", .type = OPTION_NUMBER, .at = FIELD(limits.files), .preset = "5", .min = 0, .max = TIP_FILES_MAX,
	  .unit = "files", .help = "Most files sent at once, with a tip or added to one; 0 takes none." },
	{ .key = "limits.tip_files", .type = OPTION_NUMBER, .at = FIELD(limits.tip_files), .preset = "20", .min = 0, .max = 1000,
	  .unit = "files", .help = "Most files of a tip in all, with those that its informant adds afterwards; 0 lets none be added." },
	{ .key = "limits.tip_file_bytes", .type = OPTION_BYTES, .at = FIELD(limits.tip_file_bytes), .preset = "128 MiB",
	  .min = KIB, .max = 64 * GIB, .unit = "bytes", .help = "Most bytes of all these files together." },
	{ .key = "limits.upload_bytes", .type = OPTION_BYTES, .at = FIELD(limits.upload_bytes), .preset = "32 MiB",
	  .min = KIB, .max = 4 * GIB, .unit = "bytes", .help = "Largest form with all its files." },
	{ .key = "limits.tips_per_minute", .type = OPTION_NUMBER, .at = FIELD(limits.tips_per_minute), .preset = "10",
	  .min = 1, .max = 100000, .unit = "tips", .live = true,
	  .help = "Tips one address may send in a minute, on average." },
	{ .key = "limits.tips_burst", .type = OPTION_NUMBER, .at = FIELD(limits.tips_burst), .preset = "20", .min = 1,
	  .max = 100000, .unit = "tips", .live = true, .help = "Tips one address may send at once after a pause." },
	{ .key = "limits.near_times", .type = OPTION_NUMBER, .at = FIELD(limits.near_times), .preset = "6", .min = 1,
	  .max = 100000, .unit = "times", .live = true,
	  .help = "So many times what one address may send (tips, receipt codes) its network may: IPv4 /24, IPv6 /56." },
	{ .key = "limits.wide_times", .type = OPTION_NUMBER, .at = FIELD(limits.wide_times), .preset = "60", .min = 1,
	  .max = 1000000, .unit = "times", .live = true,
	  .help = "The same for the wider network: IPv4 /16, IPv6 /32." },
	{ .key = "limits.proof_bits", .type = OPTION_NUMBER, .at = FIELD(limits.proof_bits), .preset = "16", .min = 0,
	  .max = 24, .unit = "bits", .live = true,
	  .help = "Work that the form asks of a visitor's browser when his limit, or that of his network, runs low: 16 "
		  "takes a cheap telephone 0.7 s in the mean; each further bit doubles it. 0: none, only the wait." },
	{ .key = "limits.proof_wait_s", .type = OPTION_NUMBER, .at = FIELD(limits.proof_wait_s), .preset = "30", .min = 1,
	  .max = 600, .unit = "seconds", .live = true,
	  .help = "Without scripts the same form is taken when it is so old, instead of work." },
	{ .key = "limits.proofs_per_minute", .type = OPTION_NUMBER, .at = FIELD(limits.proofs_per_minute),
	  .preset = "30", .min = 1, .max = 100000, .unit = "tips", .live = true,
	  .help = "Tips one address may send in a minute with work or a wait behind each, beyond all other limits." },
	{ .key = "limits.requests_per_second", .type = OPTION_NUMBER, .at = FIELD(limits.requests_per_second),
	  .preset = "100", .min = 1, .max = 1000000, .unit = "requests", .live = true,
	  .help = "Requests one address may make in a second, whatever they ask; a minute's worth at once. Not gateways." },
	{ .key = "limits.sms_per_minute", .type = OPTION_NUMBER, .at = FIELD(limits.sms_per_minute), .preset = "30",
	  .min = 1, .max = 100000, .unit = "messages", .live = true,
	  .help = "Messages one telephone may write in a minute, over all processes; beyond that the carrier is told to "
		  "bring them again later." },
	{ .key = "limits.sms_burst", .type = OPTION_NUMBER, .at = FIELD(limits.sms_burst), .preset = "60", .min = 1,
	  .max = 100000, .unit = "messages", .live = true, .help = "Messages one telephone may write at once after a pause." },
	{ .key = "limits.gateway_per_second", .type = OPTION_NUMBER, .at = FIELD(limits.gateway_per_second),
	  .preset = "2000", .min = 1, .max = 1000000, .unit = "messages", .live = true,
	  .help = "Messages one gateway or link may bring in a second, and requests of one address to gateways' and "
		  "providers' paths; five seconds' worth at once." },
	{ .key = "limits.receipt_tries_per_minute", .type = OPTION_NUMBER, .at = FIELD(limits.receipt_tries_per_minute),
	  .preset = "5", .min = 1, .max = 100000, .unit = "attempts", .live = true,
	  .help = "Receipt codes one address may try in a minute." },
	{ .key = "limits.receipt_tries_per_second", .type = OPTION_NUMBER, .at = FIELD(limits.receipt_tries_per_second),
	  .preset = "50", .min = 1, .max = 100000, .unit = "attempts", .live = true,
	  .help = "Receipt codes all visitors together may try in a second." },
	{ .key = "limits.connections", .type = OPTION_NUMBER, .at = FIELD(limits.connections), .preset = "4096",
	  .min = 16, .max = 1000000, .unit = "connections",
	  .help = "Open connections of a listener. The process needs some more file descriptors than that for each." },
	{ .key = "limits.connections_per_address", .type = OPTION_NUMBER,
	  .at = FIELD(limits.connections_per_address), .preset = "64", .min = 1, .max = 1000000, .unit = "connections",
	  .help = "Open connections of one address (IPv6: of one /64). Does not hold when limits.enabled is false." },
	{ .key = "limits.head_bytes", .type = OPTION_BYTES, .at = FIELD(limits.head_bytes), .preset = "16 KiB",
	  .min = KIB, .max = 256 * KIB, .unit = "bytes", .help = "Largest request line with all fields." },
	{ .key = "limits.head_ms", .type = OPTION_NUMBER, .at = FIELD(limits.head_ms), .preset = "10000", .min = 100,
	  .max = 600000, .unit = "milliseconds", .help = "Time for a request's head, from its first byte on." },
	{ .key = "limits.body_ms", .type = OPTION_NUMBER, .at = FIELD(limits.body_ms), .preset = "30000", .min = 100,
	  .max = 3600000, .unit = "milliseconds",
	  .help = "Time for a request's body, plus a millisecond for each byte announced." },
	{ .key = "limits.idle_ms", .type = OPTION_NUMBER, .at = FIELD(limits.idle_ms), .preset = "30000", .min = 100,
	  .max = 3600000, .unit = "milliseconds", .help = "Time a connection may rest between two requests." },
	{ .key = "limits.write_ms", .type = OPTION_NUMBER, .at = FIELD(limits.write_ms), .preset = "30000", .min = 100,
	  .max = 3600000, .unit = "milliseconds", .help = "Time a peer may take without reading any of a reply." },
	{ .key = "limits.reply_ms", .type = OPTION_NUMBER, .at = FIELD(limits.reply_ms), .preset = "75000", .min = 1000,
	  .max = 7200000, .unit = "milliseconds",
	  .help = "A request without an answer after this time gets 504. Must be longer than claim.wait_max_s." },

	{ .key = "spool.max_bytes", .type = OPTION_BYTES, .at = FIELD(spool.max_bytes), .preset = "256 MiB", .min = MIB,
	  .max = 1024 * GIB, .unit = "bytes",
	  .help = "Disk space for tips taken while Redis is away. When it is full, tips are refused with 503." },

	{ .key = "lease.default_s", .type = OPTION_NUMBER, .at = FIELD(lease.default_s), .preset = "900", .min = 10,
	  .max = 30 * DAY_S, .unit = "seconds", .live = true,
	  .help = "How long a claimed tip stays with its officer when the claim names no time." },
	{ .key = "lease.max_s", .type = OPTION_NUMBER, .at = FIELD(lease.max_s), .preset = "86400", .min = 10,
	  .max = 30 * DAY_S, .unit = "seconds", .live = true, .help = "Longest lease a claim may ask for." },
	{ .key = "escalation.enabled", .type = OPTION_BOOL, .at = FIELD(escalation.enabled), .preset = "true", .live = true,
	  .help = "Tips that nobody opens, answers or works on pass to the level above by themselves: from the county to "
		  "the prefecture, the province, the nation. Off: clocks run on, and nothing moves." },
	{ .key = "escalation.immediate.unopened_s", .type = OPTION_NUMBER, .at = FIELD(escalation.immediate.unopened_s),
	  .preset = "3600", .min = 0, .max = 365 * DAY_S, .unit = "seconds", .live = true,
	  .help = "How long a tip of priority immediate may wait until somebody claims it for the first time where it is; 0: for ever." },
	{ .key = "escalation.immediate.unanswered_s", .type = OPTION_NUMBER, .at = FIELD(escalation.immediate.unanswered_s),
	  .preset = "14400", .min = 0, .max = 365 * DAY_S, .unit = "seconds", .live = true,
	  .help = "How long what an informant added to a tip of priority immediate may have no answer, verdict or note; 0: for ever." },
	{ .key = "escalation.immediate.stalled_s", .type = OPTION_NUMBER, .at = FIELD(escalation.immediate.stalled_s),
	  .preset = "14400", .min = 0, .max = 365 * DAY_S, .unit = "seconds", .live = true,
	  .help = "How long a tip of priority immediate that was claimed once may go without a step, held or waiting; 0: for ever." },
	{ .key = "escalation.urgent.unopened_s", .type = OPTION_NUMBER, .at = FIELD(escalation.urgent.unopened_s),
	  .preset = "14400", .min = 0, .max = 365 * DAY_S, .unit = "seconds", .live = true,
	  .help = "How long a tip of priority urgent may wait until somebody claims it for the first time where it is; 0: for ever." },
	{ .key = "escalation.urgent.unanswered_s", .type = OPTION_NUMBER, .at = FIELD(escalation.urgent.unanswered_s),
	  .preset = "86400", .min = 0, .max = 365 * DAY_S, .unit = "seconds", .live = true,
	  .help = "How long what an informant added to a tip of priority urgent may have no answer, verdict or note; 0: for ever." },
	{ .key = "escalation.urgent.stalled_s", .type = OPTION_NUMBER, .at = FIELD(escalation.urgent.stalled_s),
	  .preset = "86400", .min = 0, .max = 365 * DAY_S, .unit = "seconds", .live = true,
	  .help = "How long a tip of priority urgent that was claimed once may go without a step, held or waiting; 0: for ever." },
	{ .key = "escalation.standard.unopened_s", .type = OPTION_NUMBER, .at = FIELD(escalation.standard.unopened_s),
	  .preset = "259200", .min = 0, .max = 365 * DAY_S, .unit = "seconds", .live = true,
	  .help = "How long a tip of priority standard may wait until somebody claims it for the first time where it is; 0: for ever." },
	{ .key = "escalation.standard.unanswered_s", .type = OPTION_NUMBER, .at = FIELD(escalation.standard.unanswered_s),
	  .preset = "259200", .min = 0, .max = 365 * DAY_S, .unit = "seconds", .live = true,
	  .help = "How long what an informant added to a tip of priority standard may have no answer, verdict or note; 0: for ever." },
	{ .key = "escalation.standard.stalled_s", .type = OPTION_NUMBER, .at = FIELD(escalation.standard.stalled_s),
	  .preset = "604800", .min = 0, .max = 365 * DAY_S, .unit = "seconds", .live = true,
	  .help = "How long a tip of priority standard that was claimed once may go without a step, held or waiting; 0: for ever." },
	{ .key = "escalation.low.unopened_s", .type = OPTION_NUMBER, .at = FIELD(escalation.low.unopened_s),
	  .preset = "1209600", .min = 0, .max = 365 * DAY_S, .unit = "seconds", .live = true,
	  .help = "How long a tip of priority low may wait until somebody claims it for the first time where it is; 0: for ever." },
	{ .key = "escalation.low.unanswered_s", .type = OPTION_NUMBER, .at = FIELD(escalation.low.unanswered_s),
	  .preset = "1209600", .min = 0, .max = 365 * DAY_S, .unit = "seconds", .live = true,
	  .help = "How long what an informant added to a tip of priority low may have no answer, verdict or note; 0: for ever." },
	{ .key = "escalation.low.stalled_s", .type = OPTION_NUMBER, .at = FIELD(escalation.low.stalled_s),
	  .preset = "2592000", .min = 0, .max = 365 * DAY_S, .unit = "seconds", .live = true,
	  .help = "How long a tip of priority low that was claimed once may go without a step, held or waiting; 0: for ever." },
	{ .key = "claim.wait_max_s", .type = OPTION_NUMBER, .at = FIELD(claim.wait_max_s), .preset = "60", .min = 0,
	  .max = 3600, .unit = "seconds",
	  .help = "Longest time a claim may wait for tips to come; 0 switches waiting off." },
	{ .key = "staff.session_idle_s", .type = OPTION_NUMBER, .at = FIELD(staff.session_idle_s), .preset = "900", .min = 1, .max = 900,
	  .unit = "seconds",
	  .help = "A session of staff ends after so long without a request; after eight hours in any case." },
	{ .key = "idempotency.keep_s", .type = OPTION_NUMBER, .at = FIELD(idempotency.keep_s), .preset = "691200",
	  .min = 3600, .max = 90 * DAY_S, .unit = "seconds",
	  .help = "How long the answer to a request id is kept, so that a retry gets the same one." },

	{ .key = "log.level", .type = OPTION_CHOICE, .at = FIELD(log.level), .preset = "notice",
	  .words = "error warning notice info debug", .min = LOG_LEVEL_ERROR, .live = true,
	  .help = "Least important lines that are written." },
	{ .key = "log.interval_s", .type = OPTION_NUMBER, .at = FIELD(log.interval_s), .preset = "30", .min = 1,
	  .max = 60, .unit = "seconds", .live = true,
	  .help = "Time between two checkpoints of each sealed log. What came in is covered by one within twice that time." },
	{ .key = "log.openings_after_days", .type = OPTION_NUMBER, .at = FIELD(log.openings_after_days), .preset = "7", .min = 1,
	  .max = 366, .unit = "days", .live = true,
	  .help = "How long after its end a month of each sealed log is opened, as far as no cell has fewer than five events "
		  "(docs/TRANSPARENCY.md)." },
	{ .key = "log.origin", .type = OPTION_TEXT, .at = FIELD(log.origin), .preset = "tipline.invalid", .min = 1, .max = 150,
	  .help = "What the sealed logs are called, for ever: ORIGIN/15, ORIGIN/money. A domain name of the house, with a path or "
		  "without; no spaces and plus signs. It stands in every checkpoint, and who follows a log knows it by that." },
	{ .key = "log.policy", .type = OPTION_PATH, .at = FIELD(log.policy), .preset = "", .max = 4000, .live = true,
	  .help = "File of the witnesses that are asked to cosign the sealed log, and of how many have to (C2SP tlog-policy). "
		  "Empty: none. What is wrong in it stops a start; on reload it is named in the log and the old one stays." },
	{ .key = "log.witness_wait_s", .type = OPTION_NUMBER, .at = FIELD(log.witness_wait_s), .preset = "5", .min = 1, .max = 30,
	  .unit = "seconds", .live = true,
	  .help = "A checkpoint that lacks cosignatures is published without them after this time; what comes later is added." },

	{ .key = "score.learning", .type = OPTION_BOOL, .at = FIELD(score.learning), .preset = "true", .live = true,
	  .help = "Learn from outcomes which words speak for a tip and which for junk. It enters the score as one "
		  "reason, capped at 10 points up and 20 down, after 50 outcomes of each kind. Off: nothing is "
		  "learned, and what was learned is kept and not used." },
	{ .key = "score.cache_dir", .type = OPTION_PATH, .at = FIELD(score.cache_dir), .preset = "", .max = 4000,
	  .help = "Private directory in which the compiled words of places and rules are kept, so that a restart does "
		  "not compile them again; it can be deleted at any time. Empty: cache inside the state directory." },
	{ .key = "score.model_file", .type = OPTION_PATH, .at = FIELD(score.model_file), .preset = "", .max = 4000,
	  .help = "File in which what was learned is kept, sealed. Empty: model inside the state directory. Name the "
		  "same file for processes with state directories of their own: the one with the role jobs that "
		  "links writes it, the others read it again within a minute." },

	{ .key = "linker.max_tips", .type = OPTION_NUMBER, .at = FIELD(linker.max_tips), .preset = "1000000",
	  .min = 1000, .max = 16000000, .unit = "tips",
	  .help = "Tips that the linker holds in memory to find copies and further reports of the same matter, some 160 "
		  "bytes each. The oldest leave." },
	{ .key = "linker.max_age_days", .type = OPTION_NUMBER, .at = FIELD(linker.max_age_days), .preset = "180",
	  .min = 0, .max = 3650, .unit = "days", .help = "Older tips are not linked with new ones any more; 0: none is too old." },
	{ .key = "linker.max_incidents", .type = OPTION_NUMBER, .at = FIELD(linker.max_incidents), .preset = "16384",
	  .min = 100, .max = 1000000, .unit = "incidents",
	  .help = "Latest incidents whose words the linker holds a new tip against, a kilobyte each." },
	{ .key = "linker.max_senders", .type = OPTION_NUMBER, .at = FIELD(linker.max_senders), .preset = "65536",
	  .min = 100, .max = 131071, .unit = "senders",
	  .help = "Senders of SMS, by their keyed marks, of whom it is remembered how earlier tips ended." },

	{ .key = "archive.enabled", .type = OPTION_BOOL, .at = FIELD(archive.enabled), .preset = "true",
	  .help = "Sealed events of the journals move from Redis to files, so that Redis holds what is open and not all that "
		  "ever was. Off: nothing moves any more; what is in files is read there all the same." },
	{ .key = "archive.directory", .type = OPTION_PATH, .at = FIELD(archive.directory), .preset = "", .max = 3900,
	  .help = "Directory of these files. Empty: archive inside the state directory. Processes that share a Redis share "
		  "this directory too: one of them writes it, the others read it, and each says when a file is missing." },
	{ .key = "archive.segment_events", .type = OPTION_NUMBER, .at = FIELD(archive.segment_events), .preset = "4096",
	  .min = 10, .max = 100000, .unit = "events",
	  .help = "Events in a file; fewer where they have 16 MiB together." },
	{ .key = "archive.keep_events", .type = OPTION_NUMBER, .at = FIELD(archive.keep_events), .preset = "1000",
	  .min = 1, .max = 100000000, .unit = "events",
	  .help = "So many of the latest events of each journal stay in Redis however old they are." },
	{ .key = "archive.keep_days", .type = OPTION_NUMBER, .at = FIELD(archive.keep_days), .preset = "1",
	  .min = 0, .max = 3650, .unit = "days",
	  .help = "Younger events stay in Redis: a call that comes again after its answer got lost finds there what it did." },

	{ .key = "retention.enabled", .type = OPTION_BOOL, .at = FIELD(retention.enabled), .preset = "false", .live = true,
	  .help = "What is left of tips that have ended is deleted part by part when its time is over. Off: nothing is "
		  "deleted, and `tipctl retention plan` tells what would be." },
	{ .key = "retention.file", .type = OPTION_PATH, .at = FIELD(retention.file), .preset = "", .max = 4000, .live = true,
	  .help = "Rules: for each outcome, how many days identity, files, text and row stay. Empty: those that are "
		  "built in (config/retention.yaml)." },
	{ .key = "retention.interval_s", .type = OPTION_NUMBER, .at = FIELD(retention.interval_s), .preset = "3600", .min = 1,
	  .max = 7 * DAY_S, .unit = "seconds", .help = "Pause between two rounds over the tips that have ended." },
	{ .key = "retention.settle_s", .type = OPTION_NUMBER, .at = FIELD(retention.settle_s), .preset = "86400", .min = 1,
	  .max = 30 * DAY_S, .unit = "seconds",
	  .help = "A clock that jumps ahead by more than this is believed after it has stood there for as long; until then "
		  "nothing is deleted by it. After a pause of the whole house that was longer, deletion waits as long too." },
	{ .key = "retention.rewrap_weeks", .type = OPTION_NUMBER, .at = FIELD(retention.rewrap_weeks), .preset = "0", .min = 0,
	  .max = 520, .unit = "weeks", .live = true,
	  .help = "Of a week that ended so many weeks ago, what is still there is put under the present week's key, and its own key is "
		  "destroyed when nothing lies under it any more: with it what was deleted of that week is gone in every copy. 0: never; "
		  "`tipctl key rewrap weeks` and `tipctl key destroy-week` do it by hand." },
	{ .key = "retention.rewrap_tips", .type = OPTION_NUMBER, .at = FIELD(retention.rewrap_tips), .preset = "100000", .min = 1,
	  .max = 1000000000, .unit = "tips", .live = true,
	  .help = "Of a past week with more tips than this none is moved: its key stays until fewer are left." },

	{ .key = "money.enabled", .type = OPTION_BOOL, .at = FIELD(money.enabled), .preset = "true",
	  .help = "Rewards: budgets, proposals, approvals, claims and payments. Every process that takes part reads the "
		  "whole money journal at its start. Off: the calls answer 503, and what is recorded stays." },
	{ .key = "money.mirror", .type = OPTION_PATH, .at = FIELD(money.mirror), .preset = "", .max = 4000,
	  .help = "File with a second copy of the money journal, held against the store at each start; put it on "
		  "another disk. Each process has its own. Empty: money/journal.jsonl inside the state directory." },
	{ .key = "money.rails", .type = OPTION_TEXT, .at = FIELD(money.rails), .preset = "voucher", .max = 200, .live = true,
	  .help = "Ways to be paid that informants may choose, by name, joined by commas: voucher is cash at a counter and "
		  "asks for no account." },
	{ .key = "money.engagement", .type = OPTION_TEXT, .at = FIELD(money.engagement), .preset = "", .max = 64,
	  .help = "Name of the audit that is under way. Auditors see pseudonyms of informants and payees that are the same "
		  "within one audit and others in the next." },

	{ .key = "payout.remark", .type = OPTION_TEXT, .at = FIELD(payout.remark), .preset = "\xe6\x84\x9f\xe8\xb0\xa2", .max = 64,
	  .help = "What payees read beside the money. Keep it neutral: others see it too. Changing it stops repetitions of "
		  "what is under way." },

	{ .key = "payout.rails.*.driver", .type = OPTION_TEXT, .at = RAIL(driver), .preset = "", .max = 32,
	  .live = true, .help = "Kind of the rail: http, voucher, wechat, iso20022. Required. The rail of counters is named voucher." },
	{ .key = "payout.rails.*.enabled", .type = OPTION_BOOL, .at = RAIL(enabled), .preset = "true", .live = true,
	  .help = "Off: nothing new goes out on it. What is under way is asked about, and its callbacks and statements are taken." },
	{ .key = "payout.rails.*.timeout_s", .type = OPTION_NUMBER, .at = RAIL(timeout_s), .preset = "30", .min = 1, .max = 120, .unit = "seconds",
	  .live = true, .help = "So long an answer of the provider is waited for; behind it nobody knows, and it is asked." },
	{ .key = "payout.rails.*.url", .type = OPTION_URL, .at = RAIL(url), .preset = "", .max = 2000,
	  .live = true, .help = "Address of the provider or connector, without a slash at the end." },
	{ .key = "payout.rails.*.hook_url", .type = OPTION_URL, .at = RAIL(hook_url), .preset = "", .max = 2000,
	  .live = true, .help = "Our address for its callbacks, https://HOST/hooks/NAME, where requests have to name it." },
	{ .key = "payout.rails.*.account", .type = OPTION_TEXT, .at = RAIL(account), .preset = "", .max = 63,
	  .live = true, .help = "Account of the daily statements, as the provider names it. Empty: none are fetched." },
	{ .key = "payout.rails.*.ledger", .type = OPTION_TEXT, .at = RAIL(ledger), .preset = "", .max = 63,
	  .live = true, .help = "Ledger for statement lines that nothing of ours explains: bureau/programme/year. Needed with "
		  "account." },
	{ .key = "payout.rails.*.ledger_account", .type = OPTION_TEXT, .at = RAIL(ledger_account), .preset = "", .max = 48,
	  .live = true, .help = "The account in the ledger: bank:NAME or float:NAME. Needed with account." },
	{ .key = "payout.rails.*.method", .type = OPTION_TEXT, .at = RAIL(method), .preset = "", .max = 16,
	  .live = true, .help = "What a connector does behind it: voucher, wallet or bank." },
	{ .key = "payout.rails.*.finals", .type = OPTION_TEXT, .at = RAIL(finals), .preset = "", .max = 1000,
	  .live = true, .help = "Codes of refusals that were verified to be final, joined by commas; CODE=ours when the informant "
		  "has nothing to change. Whatever is not listed stays unknown." },
	{ .key = "payout.rails.*.profile_version", .type = OPTION_NUMBER, .at = RAIL(profile_version), .preset = "1", .min = 1, .max = 1000000, .unit = "version",
	  .live = true, .help = "Number of these settings, raised with every change of what the provider was verified to do." },
	{ .key = "payout.rails.*.min_fen", .type = OPTION_COUNT, .at = RAIL(min_fen), .preset = "0", .min = 0, .max = FEN_MAX,
	  .live = true, .help = "Smallest payment; 0: the rail's own limit." },
	{ .key = "payout.rails.*.max_fen", .type = OPTION_COUNT, .at = RAIL(max_fen), .preset = "0", .min = 0, .max = FEN_MAX,
	  .live = true, .help = "Largest payment; 0: the rail's own limit." },
	{ .key = "payout.rails.*.daily_fen", .type = OPTION_COUNT, .at = RAIL(daily_fen), .preset = "0", .min = 0, .max = FEN_MAX,
	  .live = true, .help = "Most that is sent for the first time on one day in China; 0: no limit." },
	{ .key = "payout.rails.*.id_retention_h", .type = OPTION_NUMBER, .at = RAIL(id_retention_h), .preset = "0", .min = 0, .max = 87600, .unit = "hours",
	  .live = true, .help = "So long the provider knows an instruction again; 0: as the rail has it." },
	{ .key = "payout.rails.*.not_found_is_final", .type = OPTION_BOOL, .at = RAIL(not_found_is_final), .preset = "false",
	  .live = true, .help = "The provider's word that it has no such instruction may be believed: after ten minutes and three "
		  "answers the very same is sent again." },
	{ .key = "payout.rails.*.key_id", .type = OPTION_TEXT, .at = RAIL(key_id), .preset = "", .max = 32,
	  .live = true, .help = "Name of the key that signs our requests." },
	{ .key = "payout.rails.*.key_file", .type = OPTION_PATH, .at = RAIL(key_file), .preset = "", .max = 4000,
	  .live = true, .help = "File with that key, 32 bytes or more. A name without a slash is a credential passed by the service "
		  "manager, or a file in the state directory." },
	{ .key = "payout.rails.*.old_key_id", .type = OPTION_TEXT, .at = RAIL(old_key_id), .preset = "", .max = 32,
	  .live = true, .help = "Name of the key before or after it, which is accepted too." },
	{ .key = "payout.rails.*.old_key_file", .type = OPTION_PATH, .at = RAIL(old_key_file), .preset = "", .max = 4000,
	  .live = true, .help = "File with it." },
	{ .key = "payout.rails.*.app_id", .type = OPTION_TEXT, .at = RAIL(app_id), .preset = "", .max = 64,
	  .live = true, .help = "wechat: application id." },
	{ .key = "payout.rails.*.merchant", .type = OPTION_TEXT, .at = RAIL(merchant), .preset = "", .max = 64,
	  .live = true, .help = "wechat: merchant number." },
	{ .key = "payout.rails.*.scene", .type = OPTION_TEXT, .at = RAIL(scene), .preset = "", .max = 64,
	  .live = true, .help = "wechat: transfer scene." },
	{ .key = "payout.rails.*.serial", .type = OPTION_TEXT, .at = RAIL(serial), .preset = "", .max = 64,
	  .live = true, .help = "wechat: serial number of our certificate." },
	{ .key = "payout.rails.*.platform_id", .type = OPTION_TEXT, .at = RAIL(platform_id), .preset = "", .max = 64,
	  .live = true, .help = "wechat: id of the platform key that names are sealed to." },
	{ .key = "payout.rails.*.old_platform_id", .type = OPTION_TEXT, .at = RAIL(old_platform_id), .preset = "", .max = 64,
	  .live = true, .help = "wechat: id of the platform key before or after it." },
	{ .key = "payout.rails.*.scene_infos", .type = OPTION_TEXT, .at = RAIL(scene_infos), .preset = "", .max = 500,
	  .live = true, .help = "wechat: what the scene demands to be told: TYPE=CONTENT, joined by semicolons." },
	{ .key = "payout.rails.*.private_key_file", .type = OPTION_PATH, .at = RAIL(private_key_file), .preset = "", .max = 4000,
	  .live = true, .help = "wechat: our private key, PEM." },
	{ .key = "payout.rails.*.api_key_file", .type = OPTION_PATH, .at = RAIL(api_key_file), .preset = "", .max = 4000,
	  .live = true, .help = "wechat: the API v3 key, 32 bytes." },
	{ .key = "payout.rails.*.platform_file", .type = OPTION_PATH, .at = RAIL(platform_file), .preset = "", .max = 4000,
	  .live = true, .help = "wechat: public key or certificate of the platform, PEM." },
	{ .key = "payout.rails.*.old_platform_file", .type = OPTION_PATH, .at = RAIL(old_platform_file), .preset = "", .max = 4000,
	  .live = true, .help = "wechat: the one before or after it." },
	{ .key = "payout.rails.*.payer_name", .type = OPTION_TEXT, .at = RAIL(payer_name), .preset = "", .max = 140,
	  .live = true, .help = "iso20022: our name at the bank." },
	{ .key = "payout.rails.*.payer_account", .type = OPTION_TEXT, .at = RAIL(payer_account), .preset = "", .max = 140,
	  .live = true, .help = "iso20022: our account number or IBAN." },
	{ .key = "payout.rails.*.payer_bank", .type = OPTION_TEXT, .at = RAIL(payer_bank), .preset = "", .max = 140,
	  .live = true, .help = "iso20022: BIC or CNAPS number of our bank." },
	{ .key = "payout.rails.*.version_03", .type = OPTION_BOOL, .at = RAIL(version_03), .preset = "false",
	  .live = true, .help = "iso20022: pain.001.001.03 instead of 001.09." },
	{ .key = "payout.rails.*.silence_means_accepted", .type = OPTION_BOOL, .at = RAIL(silence_means_accepted), .preset = "false",
	  .live = true, .help = "iso20022: agreed with the bank that in a file accepted in part what is not listed is under way." },

	{ .key = "keys.dir", .type = OPTION_PATH, .at = FIELD(keys.dir), .preset = "", .max = 4000,
	  .help = "Directory of the key files (0700, files 0600). Empty: keys/ inside the state directory." },
	{ .key = "keys.weeks_dir", .type = OPTION_PATH, .at = FIELD(keys.weeks_dir), .preset = "", .max = 3900,
	  .help = "Directory of the weekly keys, without which no tip of that week opens; empty: STATE/weeks. Where intake, desk and jobs are "
		  "processes of several users it is one that all name, of mode 2770. Never in the same copy as Redis: scripts/backup --weeks." },
	{ .key = "keys.create", .type = OPTION_BOOL, .at = FIELD(keys.create), .preset = "true",
	  .help = "Make missing keys at the start. Set it to false once the keys are there and backed up: a start "
		  "with the wrong directory then fails and does not begin with new keys." },
	{ .key = "keys.plain", .type = OPTION_BOOL, .at = FIELD(keys.plain), .preset = "false",
	  .help = "Use the bureaus' plain private keys (bureau-NNNNNN.key), for everybody who may see a tip, as versions before "
		  "0.2 did. With false tips open only for persons to whom a bureau's key was sealed: tipctl key lock." },

	{ .key = "keys.unseal_s", .type = OPTION_NUMBER, .at = FIELD(keys.unseal_s), .preset = "3600", .min = 1, .max = 3600, .unit = "s",
	  .live = true,
	  .help = "Seconds that the first approver's half of an identity's key waits for the second approver; then it is wiped." },

	{ .key = "rules.dir", .type = OPTION_PATH, .at = FIELD(rules.dir), .preset = "", .max = 4000, .live = true,
	  .help = "Directory of scoring rules, all its NAME.yaml, in place of those inside the program; the format is "
		  "told in config/rules/README.md. Empty: those inside the program. A wrong file stops a start; on "
		  "reload it is named in the log and the rules stay as they were." },
	{ .key = "campaigns.dir", .type = OPTION_PATH, .at = FIELD(campaigns.dir), .preset = "", .max = 4000,
	  .live = true,
	  .help = "Directory of campaigns, all its NAME.yaml: rules for a search that is under way, with its region and "
		  "its days. Read together with the rules. Empty: none." },

	{ .key = "files.dir", .type = OPTION_PATH, .at = FIELD(files.dir), .preset = "", .max = 3900,
	  .help = "Directory of sealed attachments; empty: STATE/files. Where intake and desk are processes of two users it is one "
		  "that both name, of mode 2750 or 2770: with the setgid bit its group may read what is put there." },
	{ .key = "files.types", .type = OPTION_MIMES, .at = FIELD(files.types),
	  .preset = "image/jpeg, image/png, image/webp, image/heic, image/heif, audio/mpeg, audio/mp4, audio/ogg, audio/amr, "
		    "video/mp4, video/3gpp, video/quicktime, application/pdf",
	  .help = "Media types of attached files, as found in their bytes; all others are refused. A file that could be read as two "
		  "things, like a photo that is a page as well, is application/octet-stream." },

	{ .key = "sms.reply", .type = OPTION_CHOICE, .at = FIELD(sms.reply), .preset = "reference",
	  .words = "reference receipt none",
	  .help = "What the sender of an SMS tip gets back. receipt sends the secret code over the telephone network, "
		  "where it stays on the phone and with the carrier; reference sends a number that opens nothing." },
	{ .key = "sms.answers_per_day", .type = OPTION_NUMBER, .at = FIELD(sms.answers_per_day), .preset = "5", .min = 1,
	  .max = 100, .unit = "messages",
	  .help = "Answers that one telephone gets in a day. It ends talks with other robots." },
	{ .key = "sms.answers_per_minute", .type = OPTION_NUMBER, .at = FIELD(sms.answers_per_minute), .preset = "3000",
	  .max = 100000, .unit = "messages",
	  .help = "Answers that a process gives in a minute, to all telephones together: senders can be forged, and answers cost "
		  "money. Above it messages are taken and not answered. 0: no limit." },
	{ .key = "sms.code_minutes", .type = OPTION_NUMBER, .at = FIELD(sms.code_minutes), .preset = "60", .max = 10080,
	  .unit = "minutes",
	  .help = "How long after its tip a telephone may ask for the receipt code by SMS, and how long the code is kept "
		  "sealed for that. 0: never; then by SMS nobody gets a code, unless sms.reply is receipt." },
	{ .key = "sms.memory_days", .type = OPTION_NUMBER, .at = FIELD(sms.memory_days), .preset = "30", .min = 1,
	  .max = 365, .unit = "days",
	  .help = "How long a telephone is remembered, sealed: its latest tips, its language, its answers of the day. "
		  "A wish for no answers is kept for two years after its last message." },
	{ .key = "sms.quiet", .type = OPTION_HOURS, .at = FIELD(sms.quiet), .preset = "",
	  .help = "Hours in which no answer goes out, as 22:00-07:00, with a zone behind a blank as +0800 (which it is "
		  "without one). One answer to a telephone waits until they end; more are not sent. Empty: none." },
	{ .key = "sms.areas", .type = OPTION_AREAS, .at = FIELD(sms.areas), .preset = "",
	  .help = "Regions by the end of the number that was written to or by a word in front of the text: 0571=330100 "
		  "for the numbers that end in 0571, HZ=330100 for texts that begin with HZ. The word goes before "
		  "the number; the text stays as it is." },
	{ .key = "sms.parts_timeout_s", .type = OPTION_NUMBER, .at = FIELD(sms.parts_timeout_s), .preset = "600",
	  .min = 5, .max = DAY_S, .unit = "seconds",
	  .help = "How long the parts of a long SMS are waited for; then those that came are the tip." },
	{ .key = "sms.home_country", .type = OPTION_DIGITS, .at = FIELD(sms.home_country), .preset = "86", .min = 1,
	  .max = 3, .help = "Calling code put before numbers that come without one." },

	{ .key = "sms.route", .type = OPTION_TEXT, .at = FIELD(sms.route), .preset = "", .max = 1000, .live = true,
	  .help = "Gateways and links, joined by commas, in the order in which they stand in for the one that a message "
		  "should take and that surely did not take it. Empty: none does, the message waits." },

	{ .key = "sms.gateways.*.driver", .type = OPTION_TEXT, .at = GATEWAY(driver), .preset = "", .max = 32,
	  .live = true, .help = "Kind of the gateway: kannel, twilio, vonage, alibaba, tencent, jasmin, generic. Required." },
	{ .key = "sms.gateways.*.secret_file", .type = OPTION_PATH, .at = GATEWAY(secret_file), .preset = "",
	  .max = 4000, .live = true,
	  .help = "File with the secret an inbound request must carry. A name without a slash is a credential "
		  "passed by the service manager, or a file in the state directory." },
	{ .key = "sms.gateways.*.secret", .type = OPTION_TEXT, .at = GATEWAY(secret), .preset = "", .max = 256,
	  .live = true, .secret = true, .help = "The secret itself. For tests on one machine only." },
	{ .key = "sms.gateways.*.send_url", .type = OPTION_URL, .at = GATEWAY(send_url), .preset = "", .max = 2000,
	  .live = true, .help = "Where messages are sent to. Empty: the gateway sends no answers." },
	{ .key = "sms.gateways.*.send_user", .type = OPTION_TEXT, .at = GATEWAY(send_user), .preset = "", .max = 256,
	  .live = true, .help = "Account at that address." },
	{ .key = "sms.gateways.*.send_password_file", .type = OPTION_PATH, .at = GATEWAY(send_password_file),
	  .preset = "", .max = 4000, .live = true, .help = "File with its password; named like secret_file." },
	{ .key = "sms.gateways.*.send_password", .type = OPTION_TEXT, .at = GATEWAY(send_password), .preset = "",
	  .max = 256, .live = true, .secret = true, .help = "The password itself. For tests on one machine only." },
	{ .key = "sms.gateways.*.sender", .type = OPTION_TEXT, .at = GATEWAY(sender), .preset = "", .max = 32,
	  .live = true, .help = "Our number, as the sender of answers." },
	{ .key = "sms.gateways.*.per_s", .type = OPTION_NUMBER, .at = GATEWAY(per_s), .preset = "10", .min = 0, .max = 1000,
	  .unit = "messages a second", .live = true, .help = "So many are sent at most, parts of long ones counted each. 0: no limit." },
	{ .key = "sms.gateways.*.public_url", .type = OPTION_URL, .at = GATEWAY(public_url), .preset = "", .max = 2000, .live = true,
	  .help = "Address under which the gateway reaches Tipline, up to the path: https://tips.example.org. "
		  "Delivery reports are asked for when it is set, and signatures cover it. Empty: none are asked "
		  "for." },
	{ .key = "sms.gateways.*.webhook_url", .type = OPTION_URL, .at = GATEWAY(webhook_url), .preset = "", .max = 2000, .live = true,
	  .help = "twilio: the address for messages as it stands in the console, byte for byte, when it is not "
		  "public_url with /sms/NAME/mo." },
	{ .key = "sms.gateways.*.networks", .type = OPTION_NETS, .at = GATEWAY(networks), .preset = "", .live = true,
	  .help = "Networks that the gateway calls from. Empty: any; the secret decides alone." },
	{ .key = "sms.gateways.*.signature", .type = OPTION_TEXT, .at = GATEWAY(signature), .preset = "", .max = 16, .live = true,
	  .help = "vonage: how it signs. md5hash, md5, sha1, sha256 or sha512 (SMS API), or jwt (Messages API)." },
	{ .key = "sms.gateways.*.send_app", .type = OPTION_TEXT, .at = GATEWAY(send_app), .preset = "", .max = 64, .live = true,
	  .help = "tencent: SmsSdkAppId." },
	{ .key = "sms.gateways.*.send_region", .type = OPTION_TEXT, .at = GATEWAY(send_region), .preset = "", .max = 32, .live = true,
	  .help = "tencent: region of the API, such as ap-guangzhou." },
	{ .key = "sms.gateways.*.send_sign", .type = OPTION_TEXT, .at = GATEWAY(send_sign), .preset = "", .max = 64, .live = true,
	  .help = "alibaba and tencent: the approved signature. It is seen on the phone." },
	{ .key = "sms.gateways.*.send_template", .type = OPTION_TEXT, .at = GATEWAY(send_template), .preset = "", .max = 64, .live = true,
	  .help = "alibaba and tencent: the approved template; they send nothing else." },
	{ .key = "sms.gateways.*.send_params", .type = OPTION_TEXT, .at = GATEWAY(send_params), .preset = "", .max = 256, .live = true,
	  .help = "Its parameters. alibaba: NAME={number}; tencent: {number}. Several stand with a semicolon "
		  "between them; {text} is the whole answer. A text without a number is not sent when {number} is "
		  "wanted." },
	{ .key = "sms.gateways.*.id_field", .type = OPTION_TEXT, .at = GATEWAY(id_field), .preset = "", .max = 64, .live = true,
	  .help = "generic: field with the gateway's id of a message. Names of fields may be paths into JSON, "
		  "such as data.0.id." },
	{ .key = "sms.gateways.*.from_field", .type = OPTION_TEXT, .at = GATEWAY(from_field), .preset = "", .max = 64, .live = true,
	  .help = "generic: field with the sender. Required." },
	{ .key = "sms.gateways.*.to_field", .type = OPTION_TEXT, .at = GATEWAY(to_field), .preset = "", .max = 64, .live = true,
	  .help = "generic: field with our number." },
	{ .key = "sms.gateways.*.text_field", .type = OPTION_TEXT, .at = GATEWAY(text_field), .preset = "", .max = 64, .live = true,
	  .help = "generic: field with the text. Required." },
	{ .key = "sms.gateways.*.time_field", .type = OPTION_TEXT, .at = GATEWAY(time_field), .preset = "", .max = 64, .live = true,
	  .help = "generic: field with the time of a message, as part of what tells two messages apart." },
	{ .key = "sms.gateways.*.udh_field", .type = OPTION_TEXT, .at = GATEWAY(udh_field), .preset = "", .max = 64, .live = true,
	  .help = "generic: field with the user data header, in hex or percent-encoded." },
	{ .key = "sms.gateways.*.coding_field", .type = OPTION_TEXT, .at = GATEWAY(coding_field), .preset = "", .max = 64, .live = true,
	  .help = "generic: field with the data coding; 8 makes the text UCS-2 and 15 GBK, all else is as "
		  "text_coding says." },
	{ .key = "sms.gateways.*.text_coding", .type = OPTION_TEXT, .at = GATEWAY(text_coding), .preset = "", .max = 16, .live = true,
	  .help = "generic: what the text field holds. utf-8 (default), gbk, latin-1, hex-utf-8, hex-utf-16be, "
		  "hex-gbk or hex-gsm7." },
	{ .key = "sms.gateways.*.array", .type = OPTION_TEXT, .at = GATEWAY(array), .preset = "", .max = 64, .live = true,
	  .help = "generic: the member of a JSON body that holds several messages, such as data.list; [] when the "
		  "body itself is the array." },
	{ .key = "sms.gateways.*.dedupe", .type = OPTION_TEXT, .at = GATEWAY(dedupe), .preset = "", .max = 256, .live = true,
	  .help = "generic: fields, with commas, that together name a message which has no id. Empty: sender, "
		  "receiver, time, header and text, when there is a time." },
	{ .key = "sms.gateways.*.auth", .type = OPTION_TEXT, .at = GATEWAY(auth), .preset = "", .max = 16, .live = true,
	  .help = "generic: how a request shows that it is the gateway's. path (default): /sms/NAME/mo/SECRET; "
		  "header: auth_field equals the secret; basic: the secret is USER:PASSWORD; hmac-sha256, "
		  "hmac-sha1, hmac-sha512, hmac-md5: auth_field carries an HMAC over auth_template; ed25519: a signature "
		  "over it, and secret_file holds the gateway's public key in hex or base64; jwt: a token with HS256 and "
		  "the hash of the body." },
	{ .key = "sms.gateways.*.auth_field", .type = OPTION_TEXT, .at = GATEWAY(auth_field), .preset = "", .max = 64, .live = true,
	  .help = "generic: the header field that carries the secret, the signature or the token (Authorization)." },
	{ .key = "sms.gateways.*.auth_claim", .type = OPTION_TEXT, .at = GATEWAY(auth_claim), .preset = "", .max = 64, .live = true,
	  .help = "generic: the claim of a token with the body's SHA-256, in hex or base64. Empty: payload_hash." },
	{ .key = "sms.gateways.*.auth_time_field", .type = OPTION_TEXT, .at = GATEWAY(auth_time_field), .preset = "", .max = 64, .live = true,
	  .help = "generic: the header field with the time of signing, in seconds or milliseconds; it must be "
		  "within five minutes of ours." },
	{ .key = "sms.gateways.*.auth_template", .type = OPTION_TEXT, .at = GATEWAY(auth_template), .preset = "", .max = 256, .live = true,
	  .help = "generic: what is signed, of {ts}, {method}, {url} and {body}, such as {ts}.{body}. A GET is "
		  "refused without {url}, a POST without {body}." },
	{ .key = "sms.gateways.*.auth_encoding", .type = OPTION_TEXT, .at = GATEWAY(auth_encoding), .preset = "", .max = 32, .live = true,
	  .help = "generic: hex (default) or base64, with what the field has in front of it: sha256=hex." },
	{ .key = "sms.gateways.*.answer_done", .type = OPTION_TEXT, .at = GATEWAY(answer_done), .preset = "", .max = 256, .live = true,
	  .help = "generic: the answer to what was stored, a status and a body: 200 {\"code\":0}. Empty: 200 "
		  "without a body." },
	{ .key = "sms.gateways.*.answer_later", .type = OPTION_TEXT, .at = GATEWAY(answer_later), .preset = "", .max = 256, .live = true,
	  .help = "generic: the answer that makes the gateway send it again. Empty: 503 without a body." },
	{ .key = "sms.gateways.*.answer_never", .type = OPTION_TEXT, .at = GATEWAY(answer_never), .preset = "", .max = 256, .live = true,
	  .help = "generic: the answer to what cannot be read. Empty: 400 without a body." },
	{ .key = "sms.gateways.*.receipt_id_field", .type = OPTION_TEXT, .at = GATEWAY(receipt_id_field), .preset = "", .max = 64, .live = true,
	  .help = "generic: field of a delivery report (/sms/NAME/dlr) with the gateway's id of what was sent." },
	{ .key = "sms.gateways.*.receipt_field", .type = OPTION_TEXT, .at = GATEWAY(receipt_field), .preset = "", .max = 64, .live = true,
	  .help = "generic: field of a delivery report with the state." },
	{ .key = "sms.gateways.*.receipt_delivered", .type = OPTION_TEXT, .at = GATEWAY(receipt_delivered), .preset = "", .max = 256, .live = true,
	  .help = "generic: states that mean delivered, with commas." },
	{ .key = "sms.gateways.*.receipt_failed", .type = OPTION_TEXT, .at = GATEWAY(receipt_failed), .preset = "", .max = 256, .live = true,
	  .help = "generic: states that mean failed, with commas." },
	{ .key = "sms.gateways.*.send_method", .type = OPTION_TEXT, .at = GATEWAY(send_method), .preset = "", .max = 8, .live = true,
	  .help = "generic: POST (default) or GET, which puts send_body behind send_url, where logs may keep it." },
	{ .key = "sms.gateways.*.send_type", .type = OPTION_TEXT, .at = GATEWAY(send_type), .preset = "", .max = 64, .live = true,
	  .help = "generic: Content-Type of send_body, which decides about escapes. Empty: a form." },
	{ .key = "sms.gateways.*.send_fields", .type = OPTION_TEXT, .at = GATEWAY(send_fields), .preset = "", .max = 512, .live = true,
	  .help = "generic: header fields of the request, Name: value, with | between them. Empty: Basic with "
		  "send_user and send_password, when there is a send_user." },
	{ .key = "sms.gateways.*.send_body", .type = OPTION_TEXT, .at = GATEWAY(send_body), .preset = "", .max = 1000, .live = true,
	  .help = "generic: the request, of {to}, {digits} (the number without +), {text}, {number} (the number "
		  "in the answer), {sender}, {id}, {receipts} (where reports go), {user} and {password}." },
	{ .key = "sms.gateways.*.send_done", .type = OPTION_TEXT, .at = GATEWAY(send_done), .preset = "", .max = 128, .live = true,
	  .help = "generic: status and a piece of the body that mean accepted: 200 \"code\":0. Empty: any 2xx." },
	{ .key = "sms.gateways.*.send_id_field", .type = OPTION_TEXT, .at = GATEWAY(send_id_field), .preset = "", .max = 64, .live = true,
	  .help = "generic: field of the JSON answer with the gateway's id of the message." },

	{ .key = "sms.links.*.protocol", .type = OPTION_CHOICE, .at = LINK(protocol), .preset = "smpp",
	  .words = "smpp cmpp smgp", .live = true, .help = "What the carrier speaks." },
	{ .key = "sms.links.*.host", .type = OPTION_TEXT, .at = LINK(host), .preset = "", .max = 255, .live = true,
	  .help = "Name or address of the carrier's end. Required." },
	{ .key = "sms.links.*.port", .type = OPTION_NUMBER, .at = LINK(port), .preset = "0", .max = 65535, .unit = "port", .live = true,
	  .help = "Its port. 0: the usual one of the protocol (smpp 2775, cmpp 7890, smgp 8890)." },
	{ .key = "sms.links.*.tls", .type = OPTION_BOOL, .at = LINK(tls), .preset = "false", .live = true,
	  .help = "Speak TLS; the certificate must be for this host, and from an authority that is trusted." },
	{ .key = "sms.links.*.tls_ca", .type = OPTION_PATH, .at = LINK(tls_ca), .preset = "", .max = 4000, .live = true,
	  .help = "File of the authorities that are trusted for it. Empty: those of the system." },
	{ .key = "sms.links.*.account", .type = OPTION_TEXT, .at = LINK(account), .preset = "", .max = 15, .live = true,
	  .help = "Our account there: system_id, Source_Addr (cmpp, at most 6), ClientID (smgp, at most 8). Required." },
	{ .key = "sms.links.*.password_file", .type = OPTION_PATH, .at = LINK(password_file), .preset = "", .max = 4000,
	  .live = true, .help = "File with its password or shared secret; named like secret_file." },
	{ .key = "sms.links.*.password", .type = OPTION_TEXT, .at = LINK(password), .preset = "", .max = 64,
	  .live = true, .secret = true, .help = "The password itself. For tests on one machine only." },
	{ .key = "sms.links.*.system_type", .type = OPTION_TEXT, .at = LINK(system_type), .preset = "", .max = 12,
	  .live = true, .help = "SMPP system_type, where the carrier asks for one." },
	{ .key = "sms.links.*.mode", .type = OPTION_CHOICE, .at = LINK(mode), .preset = "transceiver",
	  .words = "transceiver split", .live = true,
	  .help = "transceiver: each connection goes both ways; split: one to receive and one to send, for carriers that want that." },
	{ .key = "sms.links.*.service", .type = OPTION_TEXT, .at = LINK(service), .preset = "", .max = 10, .live = true,
	  .help = "service_type or Service_Id of what is sent." },
	{ .key = "sms.links.*.sender", .type = OPTION_TEXT, .at = LINK(sender), .preset = "", .max = 20, .live = true,
	  .help = "Our number, as the sender of answers." },
	{ .key = "sms.links.*.coding0", .type = OPTION_CHOICE, .at = LINK(coding0), .preset = "gsm7",
	  .words = "gsm7 latin1 ascii", .live = true, .help = "What the carrier means by data_coding 0." },
	{ .key = "sms.links.*.version", .type = OPTION_TEXT, .at = LINK(version), .preset = "", .max = 8, .live = true,
	  .help = "cmpp: 2.0 or 3.0. Empty: 3.0, and 2.0 when that is too high for the carrier." },
	{ .key = "sms.links.*.proof", .type = OPTION_CHOICE, .at = LINK(proof), .preset = "given",
	  .words = "given required ignored", .live = true,
	  .help = "cmpp, smgp: what the carrier must show of the shared secret when it takes our login. given: the right "
		  "digest, or none (zeroes, as some gateways send); required: the right digest; ignored: anything." },
	{ .key = "sms.links.*.window", .type = OPTION_NUMBER, .at = LINK(window), .preset = "10", .min = 1, .max = 1000,
	  .unit = "messages", .live = true,
	  .help = "How many messages may wait for the carrier's answer on one connection. It may have four times as many, "
		  "and at least 64, wait for ours." },
	{ .key = "sms.links.*.per_s", .type = OPTION_NUMBER, .at = LINK(per_s), .preset = "0", .max = 100000,
	  .unit = "messages", .live = true,
	  .help = "The most that is sent in a second, over all connections. 0: as much as the carrier takes; when it says "
		  "that it is too much, the link becomes slower by itself." },
	{ .key = "sms.links.*.sessions", .type = OPTION_NUMBER, .at = LINK(sessions), .preset = "1", .min = 1, .max = 8,
	  .unit = "connections", .live = true, .help = "Connections, or pairs of them with mode split." },
	{ .key = "sms.links.*.keepalive_s", .type = OPTION_NUMBER, .at = LINK(keepalive_s), .preset = "30", .min = 1,
	  .max = 3600, .unit = "seconds", .live = true,
	  .help = "Silence after which the carrier is asked whether it lives; three times without an answer end the connection." },
	{ .key = "sms.links.*.answer_s", .type = OPTION_NUMBER, .at = LINK(answer_s), .preset = "30", .min = 1,
	  .max = 3600, .unit = "seconds", .live = true,
	  .help = "How long the carrier's answer to a message is waited for; then nobody knows whether it was sent." },

	{ .key = "mail.server", .type = OPTION_TEXT, .at = FIELD(mail.server), .preset = "", .max = 300, .live = true,
	  .help = "Where mail to bureaus goes out: smtp://HOST:PORT (STARTTLS) or smtps://HOST:PORT. Empty: there is no mail." },
	{ .key = "mail.tls", .type = OPTION_CHOICE, .at = FIELD(mail.tls), .preset = "required",
	  .words = "required plain-loopback plain-network", .live = true,
	  .help = "required: nothing is said to a server without TLS, whose certificate has to fit. plain-loopback: no TLS, to a relay on "
		  "this machine. plain-network: no TLS, and whoever is on the way reads how many tips there are." },
	{ .key = "mail.ca_file", .type = OPTION_PATH, .at = FIELD(mail.ca_file), .preset = "", .max = 4000, .live = true,
	  .help = "Certificates (PEM) of the authorities that are trusted for the server. Empty: those of the system." },
	{ .key = "mail.user", .type = OPTION_TEXT, .at = FIELD(mail.user), .preset = "", .max = 256, .live = true,
	  .help = "Who logs in at the server. Empty: nobody does." },
	{ .key = "mail.password_file", .type = OPTION_PATH, .at = FIELD(mail.password_file), .preset = "", .max = 4000, .live = true,
	  .help = "File with the password. Named like sms.gateways.*.secret_file." },
	{ .key = "mail.password", .type = OPTION_TEXT, .at = FIELD(mail.password), .preset = "", .max = 256, .live = true, .secret = true,
	  .help = "The password itself. For tests on one machine only." },
	{ .key = "mail.from", .type = OPTION_TEXT, .at = FIELD(mail.from), .preset = "", .max = 254, .live = true,
	  .help = "Address that mail comes from, where the channel names none. Its domain is how the server is greeted." },
	{ .key = "mail.from_name", .type = OPTION_TEXT, .at = FIELD(mail.from_name), .preset = "", .max = 100, .live = true,
	  .help = "Name beside that address. Empty: none." },

	{ .key = "notices.*.region", .type = OPTION_DIGITS, .at = NOTICE(region), .preset = "000000", .min = 6, .max = 6, .live = true,
	  .help = "Region whose tips it tells of, with all beneath it." },
	{ .key = "notices.*.url", .type = OPTION_URL, .at = NOTICE(url), .preset = "", .max = 2000, .live = true,
	  .secret_path = true,
	  .help = "Webhook of the bureau: gets a signed POST with kinds, region and a link; no text, no place, no number. A channel has this or "
		  "mail_to." },
	{ .key = "notices.*.secret_file", .type = OPTION_PATH, .at = NOTICE(secret_file), .preset = "", .max = 4000, .live = true,
	  .help = "File with the key of its signatures: whsec_ and the base64 of 24 to 64 bytes, as Standard Webhooks has it. Named like "
		  "sms.gateways.*.secret_file." },
	{ .key = "notices.*.secret", .type = OPTION_TEXT, .at = NOTICE(secret), .preset = "", .max = 256, .live = true, .secret = true,
	  .help = "The key itself. For tests on one machine only." },
	{ .key = "notices.*.kinds", .type = OPTION_FLAGS, .at = NOTICE(kinds), .preset = "immediate, urgent, escalated",
	  .words = "immediate urgent escalated", .live = true,
	  .help = "What it tells of: tips of these priorities when they come in, and tips that passed to the level above." },
	{ .key = "notices.*.desk_url", .type = OPTION_URL, .at = NOTICE(desk_url), .preset = "", .max = 2000, .live = true,
	  .help = "Address of the desk, for the link in it. Empty: none." },
	{ .key = "notices.*.mail_to", .type = OPTION_TEXT, .at = NOTICE(mail_to), .preset = "", .max = 2000, .live = true,
	  .help = "Addresses, joined by commas, that get it by mail (mail.server) in place of the webhook. The mail says what the webhook "
		  "says, and no more." },
	{ .key = "notices.*.mail_from", .type = OPTION_TEXT, .at = NOTICE(mail_from), .preset = "", .max = 254, .live = true,
	  .help = "Address it comes from. Empty: mail.from." },
	{ .key = "notices.*.language", .type = OPTION_CHOICE, .at = NOTICE(language), .preset = "zh-CN", .words = "zh-CN en", .live = true,
	  .help = "Language of the mail." },
	{ .key = "notices.*.pause_s", .type = OPTION_NUMBER, .at = NOTICE(pause_s), .preset = "60", .min = 1, .max = 3600,
	  .unit = "seconds", .live = true,
	  .help = "Least time from one notice of the channel to its next. What happens meanwhile is counted into the next one." },
	{ .key = "notices.*.digest", .type = OPTION_CLOCK, .at = NOTICE(digest), .preset = "", .live = true,
	  .help = "When the channel gets its digest each day: figures of its region and all beneath it. 08:00, with a zone behind a blank "
		  "as +0800 (which it is without one). Empty: none." },
};

const struct option_row *options_table(size_t *n)
{
	*n = COUNT_OF(rows);
	return rows;
}

/* Walks both part by part; `*` takes any part. `whole`: both must end together. */
static bool matches(struct span pattern, struct span key, bool whole)
{
	struct span p, k;

	while (span_cut(&key, '.', &k)) {
		if (!span_cut(&pattern, '.', &p) || (!span_is(p, "*") && !span_eq(p, k)))
			return false;
	}
	return whole ? pattern.at == NULL : pattern.at != NULL;
}

const struct option_row *option_find(struct span key)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (matches(span_of(rows[i].key), key, true))
			return &rows[i];
	return NULL;
}

bool option_is_section(struct span path)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (matches(span_of(rows[i].key), path, false))
			return true;
	return false;
}

struct span option_free_name(const struct option_row *row, struct span key)
{
	struct span pattern = span_of(row->key), p, k;

	while (span_cut(&pattern, '.', &p) && span_cut(&key, '.', &k))
		if (span_is(p, "*"))
			return k;
	return (struct span){ 0 };
}

bool option_name_ok(struct span name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	return name.len >= 1 && name.len <= 32;
}

/* Edits (insert, delete, change one) between two short texts. */
static size_t edits(struct span a, struct span b)
{
	size_t row[OPTION_KEY_MAX + 1];

	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t change = diagonal + (a.at[i - 1] != b.at[j - 1]);
			size_t shift = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;

			diagonal = row[j];
			row[j] = change < shift ? change : shift;
		}
	}
	return row[b.len];
}

/* `path` cut to as many parts as the key has dots allow: sections are compared with sections. */
static struct span first_parts(struct span key, size_t dots)
{
	for (size_t i = 0; i < key.len; i++)
		if (key.at[i] == '.' && dots-- == 0)
			return span_from(key.at, i);
	return key;
}

static size_t count_dots(struct span path)
{
	size_t dots = 0;

	for (size_t i = 0; i < path.len; i++)
		dots += path.at[i] == '.';
	return dots;
}

/* The row's key with the free name of `path` in place of "*". */
static void spell_out(const struct option_row *row, struct span path, char out[OPTION_KEY_MAX])
{
	const char *star = strchr(row->key, '*');
	struct span name = option_free_name(row, path);

	if (star == NULL || name.len > 32)
		snprintf(out, OPTION_KEY_MAX, "%s", row->key);
	else
		snprintf(out, OPTION_KEY_MAX, "%.*s%.*s%s", (int)(star - row->key), row->key, (int)name.len, name.at,
			 star + 1);
}

bool option_nearest(struct span path, char nearest[OPTION_KEY_MAX])
{
	size_t best = path.len / 4 + 2;  /* more edits than that look like another word */
	bool found = false;

	if (path.len >= OPTION_KEY_MAX)
		return false;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char key[OPTION_KEY_MAX];
		struct span part;
		size_t n;

		spell_out(&rows[i], path, key);
		part = first_parts(span_of(key), count_dots(path));
		n = edits(path, part);
		if (n >= best)
			continue;
		best = n;
		found = true;
		snprintf(nearest, OPTION_KEY_MAX, "%.*s", (int)part.len, part.at);
	}
	return found;
}
