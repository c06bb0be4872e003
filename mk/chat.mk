.PHONY: eval-chat bench-chat

eval-chat: configure  ## how many attacks on a model are found, at how many false alarms
	@cmake --build $(BUILD) --target chat_eval_bench
	@$(BUILD)/bench/chat_eval_bench

bench-chat: configure  ## what the chat guards cost, and 100,000 ways to cut a stream
	@cmake --build $(BUILD) --target chat_guard_bench
	@$(BUILD)/bench/chat_guard_bench
