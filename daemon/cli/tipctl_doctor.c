/*
 * tipctl doctor: looks at an installation and names what is wrong and how to
 * mend it. Changes nothing.
 */
#include "daemon/cli/tipctl_doctor.h"

#include "daemon/base/table.h"
#include "daemon/cli/tipctl.h"

#include <stdarg.h>
#include <stdio.h>

static const char usage[] =
	"usage: tipctl doctor [--config FILE] [--set KEY=VALUE]... [--state DIR]\n"
	"\n"
	"Prints a line for each finding: OK, WARN or FAIL, and how to mend it. Run it as root or as the\n"
	"daemon's user. Exit status 1 when there is a FAIL.\n";

static const struct check {
	const char *about;
	void (*run)(struct doctor *doctor);
} checks[] = {
	{ .about = "config", .run = doctor_config },
	{ .about = "state", .run = doctor_state_dir },
	{ .about = "disk", .run = doctor_disk },
	{ .about = "keys", .run = doctor_keys },
	{ .about = "weekly keys", .run = doctor_weeks },
	{ .about = "archive", .run = doctor_archive },
	{ .about = "clock", .run = doctor_clock },
	{ .about = "limits", .run = doctor_limits },
	{ .about = "libraries", .run = doctor_libraries },
	{ .about = "sandbox", .run = doctor_sandbox },
	{ .about = "redis", .run = doctor_redis },
	{ .about = "daemon", .run = doctor_daemon },
};

bool finding(struct doctor *doctor, enum finding kind, const char *format, ...)
{
	static const char *const words[] = {
		[FINDING_OK] = "OK", [FINDING_WARN] = "WARN", [FINDING_FAIL] = "FAIL",
	};
	va_list args;

	doctor->count[kind]++;
	printf("%-5s %-10s ", words[kind], doctor->about);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	return kind == FINDING_OK;
}

int tipctl_doctor(int argc, char **argv)
{
	struct config config;
	struct doctor doctor = { .config = &config };
	struct ctl_args args;
	int status;

	ctl_parse(&args, argc, argv);
	args.wrong = args.wrong || optind < argc;
	if (ctl_usage(&args, usage, &status))
		return status;
	if (!ctl_load(&args, &config)) {
		doctor.about = "config";
		finding(&doctor, FINDING_FAIL, "refused, see above; mend the file, then run this again");
		config_release(&config);
		return CTL_WRONG;
	}
	for (size_t i = 0; i < COUNT_OF(checks); i++) {
		doctor.about = checks[i].about;
		checks[i].run(&doctor);
	}
	printf("%u ok, %u warnings, %u failures\n", doctor.count[FINDING_OK], doctor.count[FINDING_WARN],
	       doctor.count[FINDING_FAIL]);
	config_release(&config);
	return doctor.count[FINDING_FAIL] > 0 ? CTL_WRONG : CTL_WELL;
}
