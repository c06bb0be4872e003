.PHONY: bench-events
bench-events: configure  ## what an event costs to publish, store and find (BENCH_DIR: on which disk)
	@cmake --build $(BUILD) --target events_bench
	@$(BUILD)/bench/events_bench
