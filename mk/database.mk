.PHONY: bench-db

bench-db: configure  ## the database gateway beside pgbouncer; parsing, guards and the worst statements alone
	@cmake --build $(BUILD) --target database_gateway database_examine_bench
	@$(BUILD)/bench/database_examine_bench
	@BULWARK_BUILD=$(abspath $(BUILD)) node bench/database/compare.mjs

.PHONY: sqlmap-test db-false-blocks
sqlmap-test: configure  ## sqlmap against an app with an injection of every kind: straight, with the allow-list alone, with taint alone (JOBS=2, ONLY=…)
	@command -v sqlmap >/dev/null || { [ "$$(id -u)" -eq 0 ] || as_root=sudo; DEBIAN_FRONTEND=noninteractive $$as_root apt-get install -y -qq --no-install-recommends sqlmap >/dev/null; }
	@cmake --build $(BUILD) --target bulwark
	@BULWARK=$(abspath $(BUILD))/apps/bulwark/bulwark node tests/sqlmap/run.mjs

db-false-blocks: configure  ## 100,000 statements of five ORMs and pgbench under an enforced allow-list and taint: none may be held
	@cmake --build $(BUILD) --target database_gateway
	@BULWARK_BUILD=$(abspath $(BUILD)) node tests/integration/database/orms/false_blocks.mjs

.PHONY: audit-kill-test bench-audit
audit-kill-test: configure  ## kill -9 during load, 100 times each policy: what a client saw is on record, and the log is sound
	@cmake --build $(BUILD) --target bulwark
	@BULWARK=$(abspath $(BUILD))/apps/bulwark/bulwark AUDIT_KILLS=100 node --test-name-pattern kills tests/integration/database/audit_test.mjs

bench-audit: configure  ## what the audit log costs a statement (SESSIONS, RECORDS, BENCH_DIR)
	@cmake --build $(BUILD) --target audit_bench
	@$(BUILD)/bench/audit_bench
