# Tests, checks and measurements; included by the Makefile. The end of `make test` is one line:
# "N passed, N failed", over all suites.
#
#   make test-unit SAN=address,undefined      one suite, under the sanitizers
#   make test-e2e E2E=tests/e2e/web.py        one program of a suite
#   TIPLINE_KILLS=200 make check-kill         the attack on promise 1

JOBS ?= $(shell nproc)
# Of programs that wait more than they calculate.
WAITING_JOBS = $$(($(JOBS) * 2))
SUITE := tests/support/suite
# A sanitizer build is a few times slower. The time only ends a program that hangs.
SUITE_FLAGS = --build $(B) $(if $(SAN),--seconds 1500,--seconds 900)
AS = $(if $(SAN),-sanitized)$(if $(filter clang%,$(notdir $(CC))),-clang)
PATIENCE := $(if $(SAN),4,1)
SAN_ALL := address,undefined
LOGS := build/test-log
QUIET_MAKE := $(MAKE) --no-print-directory
export ASAN_OPTIONS ?= abort_on_error=0:detect_stack_use_after_return=1
export UBSAN_OPTIONS ?= print_stacktrace=1

.PHONY: check layers quality test-quality tests-build test-fuzz sanitized-build
tests-build: $(UNIT_BIN) $(REDIS_BIN) $(B)/tests/auditor/write $(B)/tests/auditor/seal

## make test        every suite, plain and under ASan and UBSan, and a short fuzzing
test:
	@rm -f $(LOGS)/*.count
	@$(QUIET_MAKE) -j$(JOBS) all tests-build
	@$(QUIET_MAKE) layers || :
	@$(QUIET_MAKE) test-unit || :
	@$(QUIET_MAKE) test-sim || :
	@$(QUIET_MAKE) test-redis || :
	@$(QUIET_MAKE) test-e2e || :
	@$(QUIET_MAKE) test-web || :
	@$(if $(LONG),$(QUIET_MAKE) test-deb || :,:)
	@$(QUIET_MAKE) test-quality || :
	@$(QUIET_MAKE) -j$(JOBS) SAN=$(SAN_ALL) all tests-build
	@$(QUIET_MAKE) SAN=$(SAN_ALL) test-unit || :
	@$(QUIET_MAKE) SAN=$(SAN_ALL) test-redis || :
	@TIPLINE_KILLS=$${TIPLINE_KILLS:-5} $(QUIET_MAKE) SAN=$(SAN_ALL) test-e2e || :
	@$(QUIET_MAKE) fuzz FUZZ_SECONDS=$(FUZZ_SECONDS) || :
	@$(SUITE) --sum

## make test-long   the same with 200 kills a case, a minute of fuzzing a target, 100,000 events of rewards, packages twice and installed
test-long:
	@TIPLINE_KILLS=$${TIPLINE_KILLS:-200} $(QUIET_MAKE) test LONG=1 FUZZ_SECONDS=60 SIM_EVENTS=100000

## make check       lint and test
check:
	@$(QUIET_MAKE) lint
	@$(QUIET_MAKE) test

## make test-unit   each module by itself, and the store's contract on its memory twin
test-unit: $(UNIT_BIN)
	@tests/support/schemas
	@$(SUITE) unit$(AS) $(SUITE_FLAGS) --jobs $(WAITING_JOBS) $(UNIT_BIN)

## make test-redis  what needs a real Redis: functions, link, the private one
test-redis: $(REDIS_BIN)
	@$(SUITE) redis$(AS) $(SUITE_FLAGS) --jobs $(WAITING_JOBS) $(REDIS_BIN)

# The long ones first, so that none is left over for the end.
E2E_LONG := $(patsubst %,tests/e2e/%.py,deb analyze incidents kill sms_kill payouts queues ops front sms spool rules rewards courier smpp_out cmpp_out smpp)
E2E := $(E2E_LONG) $(filter-out tests/e2e/tipline.py $(E2E_LONG),$(sort $(wildcard tests/e2e/*.py)))
E2E_MORE := "tests/e2e/check-tipctl $(B)/tipctl" $(if $(SAN),,tests/e2e/check-install "tests/e2e/check-hardening $(B)")

## make test-e2e    the real programs: web, API, queues, SMS, outages, kills, operations
test-e2e: all $(B)/tests/auditor/write $(B)/tests/auditor/seal
	@TIPLINE_BUILD=$(B) TIPLINE_PATIENCE=$(PATIENCE) $(SUITE) e2e$(AS) $(SUITE_FLAGS) --jobs $(WAITING_JOBS) \
		$(E2E) $(if $(filter file,$(origin E2E)),$(E2E_MORE))

# Programs of stories; WEB=tests/web/desk.mjs runs one of them.
WEB := $(patsubst %,tests/web/%.mjs,public_judges public entry desk words parts public_receipt public_lighthouse admin money desk_work desk_parts desk_large desk_read audit audit_figures public_errors public_walk staff_judges desk_kept)
WEB_RUN = TIPLINE_BUILD=$(B) TIPLINE_PATIENCE=$(PATIENCE)

# These measure, so nothing runs beside them.
WEB_TIMED := tests/web/desk_large.mjs tests/web/public_lighthouse.mjs

## make test-web    both sites in a browser: stories, accessibility in light and dark, valid HTML, lighthouse (STORY=words)
test-web: all web-packages
	@$(WEB_RUN) $(SUITE) web$(AS) $(SUITE_FLAGS) --jobs $(JOBS) $(filter-out $(WEB_TIMED),$(WEB)); status=$$?; \
		$(if $(filter $(WEB_TIMED),$(WEB)),$(WEB_RUN) $(SUITE) web-timed$(AS) $(SUITE_FLAGS) --jobs 1 $(filter $(WEB_TIMED),$(WEB)) &&) exit $$status

## make screenshots  every page in both languages and three widths, into build/screenshots (SHOTS=desk)
screenshots: all web-packages
	@$(WEB_RUN) tests/web/screenshots.mjs $(SHOTS)

# Without them the programs say what is missing.
web-packages:
	@scripts/npm-packages tests/web build/node/web || :
.PHONY: test-web screenshots web-packages

## make test-deb    the Debian packages, long form: built twice and compared; installed, upgraded, removed (root, network)
.PHONY: test-deb
test-deb:
	@TIPLINE_LONG=1 $(SUITE) deb --seconds 3600 tests/e2e/deb.py

## make check-kill  only the kills: clients and telephones send; daemon, Redis, gateways and links are killed (TIPLINE_KILLS, TIPLINE_SEED)
check-kill: all
	@TIPLINE_BUILD=$(B) TIPLINE_PATIENCE=$(PATIENCE) tests/e2e/kill.py
	@TIPLINE_BUILD=$(B) TIPLINE_PATIENCE=$(PATIENCE) tests/e2e/sms_kill.py

## make layers      who includes whom, and what the core needs from outside
layers: $(B)/libcore.a $(B)/libtlog.a $(B)/libmoney.a $(B)/libbase.a
	@TIPLINE_BUILD=$(B) $(SUITE) layers .ci/layers

# --- the simulator of rewards ------------------------------------------------------------
SIM_EVENTS ?= 5000
SIM_SRC := $(sort $(wildcard tests/sim/*.c))
$(B)/tests/sim/sim: $(patsubst %.c,$(B)/obj/%.o,$(SIM_SRC)) $(B)/libsupport.a $(LINK_money)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LIB_LIBS)

## make test-sim    worlds of rewards with faults, SIM_EVENTS (5000) events in all (SIM_SEED)
test-sim: $(B)/tests/sim/sim
	@TIPLINE_BUILD=$(B) $(SUITE) sim$(AS) $(SUITE_FLAGS) --jobs $(JOBS) \
		"tests/sim/run --seed $(or $(SIM_SEED),1) --seeds $$(($(SIM_EVENTS) / 1000)) --events 1000 --twice" \
		"tests/sim/run --races 200"
.PHONY: test-sim

# Seals a store, for those who check it (tests/e2e/verify.py, evidence.py).
$(B)/tests/auditor/seal: $(B)/obj/tests/auditor/seal.o $(LINK_sys)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $< -Wl,--start-group $(LINK_sys) -Wl,--end-group $(LIB_LIBS)

# Writes logs for the second verifier (tests/support/auditor, tests/e2e/auditor.py).
$(B)/tests/auditor/write: $(B)/obj/tests/auditor/write.o $(LINK_sys)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $< -Wl,--start-group $(LINK_sys) -Wl,--end-group $(LIB_LIBS)

# --- fuzzing --------------------------------------------------------------------------
FUZZ_SECONDS ?= $(if $(filter fuzz,$(MAKECMDGOALS)),60,3)
FUZZ_CPU_MINUTES ?= 30
FUZZ ?= *
# What strangers' bytes meet first, and what the house itself reads at its start.
FUZZ_DOOR := gate connection form multipart json_in receipt policy config rules smpp
FUZZ_SRC := $(sort $(wildcard $(foreach f,$(FUZZ),tests/fuzz/fuzz_$(f).c)))
FUZZ_BIN := $(patsubst tests/%.c,$(B)/tests/%,$(FUZZ_SRC))

## make fuzz        every fuzz target for FUZZ_SECONDS (60), over its corpus; FUZZ="smpp dialog" runs these
fuzz:
	@$(QUIET_MAKE) -j$(JOBS) B=build/fuzz CC=clang SAN=fuzzer-no-link,$(SAN_ALL) fuzz-build
	@$(SUITE) fuzz --build build/fuzz --seconds $$(($(FUZZ_SECONDS) + 300)) --jobs $(JOBS) \
		$(foreach f,$(FUZZ_SRC),"tests/support/fuzz-one build/fuzz/tests/fuzz/$(basename $(notdir $(f))) $(FUZZ_SECONDS)")

## make fuzz-long   the parsers at the door, FUZZ_CPU_MINUTES (30) of processor time each; hours
.PHONY: fuzz-long
fuzz-long:
	@$(QUIET_MAKE) -j$(JOBS) B=build/fuzz CC=clang SAN=fuzzer-no-link,$(SAN_ALL) FUZZ="$(FUZZ_DOOR)" fuzz-build
	@$(SUITE) fuzz-long --build build/fuzz --seconds 86400 --jobs $(JOBS) \
		$(foreach f,$(FUZZ_DOOR),"tests/support/fuzz-one build/fuzz/tests/fuzz/fuzz_$(f) $$(($(FUZZ_CPU_MINUTES) * 60)) cpu")

.PHONY: fuzz-build
fuzz-build: $(FUZZ_BIN)
FUZZ_PACK := $(call obj,daemon/cli/tipctl_pack.c daemon/cli/tipctl_evidence_check.c)
$(B)/tests/fuzz/fuzz_pack: FUZZ_MORE = $(FUZZ_PACK)
$(B)/tests/fuzz/fuzz_pack: $(FUZZ_PACK)
# A second parser's opinion, where it is installed.
$(B)/tests/fuzz/fuzz_gate: FUZZ_MORE = $(if $(wildcard /usr/include/http_parser.h),-lhttp_parser)
$(FUZZ_BIN): $(B)/tests/fuzz/%: $(B)/obj/tests/fuzz/%.o $(LINK_all)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer,$(SAN_ALL) -o $@ $< -Wl,--start-group $(LINK_all) $(FUZZ_MORE) -Wl,--end-group $(LIB_LIBS)

# --- linters ----------------------------------------------------------------------------
C_SRC := $(sort $(wildcard daemon/*.c daemon/*/*.c daemon/*/*/*.c handlers/*.c handlers/*/*.c handlers/*/*/*.c))
SCRIPTS = $(shell grep -lE '^\#!/bin/(ba)?sh' scripts/* tests/support/* tests/e2e/* .ci/* 2>/dev/null)
TIDY_SRC ?= $(C_SRC)

## make lint        clang-tidy, cppcheck, shellcheck, and a build with clang; warnings are errors
lint: gen
	@$(SUITE) lint --jobs 2 --seconds 1800 "$(QUIET_MAKE) layers" "$(QUIET_MAKE) lint-shell" "$(QUIET_MAKE) lint-cppcheck" \
		"$(QUIET_MAKE) -j$(JOBS) CC=clang all tests-build" "$(QUIET_MAKE) lint-tidy"

# <sys/queue.h> and jansson's loops, as far as cppcheck has to know them; it takes no ';' in a definition.
CPPCHECK_QUEUES := '-DTAILQ_FOREACH(at,head,link)=while((at=TAILQ_FIRST(head)))' \
	'-DLIST_FOREACH(at,head,link)=while((at=LIST_FIRST(head)))' \
	'-Djson_array_foreach(a,i,v)=while((v=json_array_get(a,(i=1))))' '-Djson_object_foreach(o,k,v)=while((v=json_object_get(o,k)))'

.PHONY: lint-shell lint-cppcheck lint-tidy
lint-shell:
	shellcheck -e SC1091 $(SCRIPTS)
lint-cppcheck: gen
	cppcheck -q -j $(JOBS) --std=c11 --enable=warning,performance,portability --error-exitcode=1 --inline-suppr \
		--suppressions-list=.cppcheck -I. -D_GNU_SOURCE $(CPPCHECK_QUEUES) daemon handlers
lint-tidy: gen
	printf '%s\n' $(TIDY_SRC) | xargs -P $(JOBS) -n 1 tests/support/tidy-one $(ALL_CFLAGS)

# --- measurements ---------------------------------------------------------------------------
BENCH_SRC := $(sort $(wildcard tests/bench/*.c))
BENCH_BIN := $(patsubst tests/%.c,$(B)/tests/%,$(BENCH_SRC))
QUALITY_BIN := $(patsubst tests/%.c,$(B)/tests/%,$(sort $(wildcard tests/quality/*.c)))

$(BENCH_BIN) $(QUALITY_BIN): $(B)/tests/%: $(B)/obj/tests/%.o $(LINK_all)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $< -Wl,--start-group $(LINK_all) -Wl,--end-group $(LIB_LIBS) -lm

## make bench       the numbers of docs/PERFORMANCE.md, as ratios to a bare floor (BENCH=--long for all sizes, BENCH=sms for one part, BENCH=front for slow clients, BENCH=desk for pages of a queue)
bench: all $(BENCH_BIN)
	@$(if $(filter front desk,$(BENCH)),tests/bench/$(BENCH).py,tests/bench/run.py $(BENCH))

# Labelled texts that are too many for the tree; without them only its own samples are judged.
TIPLINE_DATA ?= ../shared/data
QUALITY_RUN = TIPLINE_BUILD=$(B) TIPLINE_DATA=$(TIPLINE_DATA) tests/quality/run.py

## make quality     how good the judgements about texts are, beside the goals (QUALITY="--wrong routing:typo")
quality: $(B)/tipctl
	@$(QUALITY_RUN) $(QUALITY)

## make test-quality  whether they fell below what was reached before
test-quality: $(B)/tipctl
	@TIPLINE_BUILD=$(B) TIPLINE_DATA=$(TIPLINE_DATA) $(SUITE) quality$(AS) $(SUITE_FLAGS) "tests/quality/run.py --gate"
