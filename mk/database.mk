.PHONY: bench-db

bench-db: configure  ## the database gateway beside pgbouncer
	@cmake --build $(BUILD) --target database_gateway
	@BULWARK_BUILD=$(abspath $(BUILD)) node bench/database/compare.mjs
