.PHONY: redteam-chat eval-chat eval-poisoning eval-secrets eval-pii bench-chat

eval-chat: configure  ## how many attacks on a model are found, at how many false alarms
	@cmake --build $(BUILD) --target chat_eval_bench
	@$(BUILD)/bench/chat_eval_bench

eval-poisoning: configure  ## flipped labels, planted phrases and changed bits: how many of them come to light
	@cmake --build $(BUILD) --target chat_poisoning_bench
	@$(BUILD)/bench/chat_poisoning_bench

eval-secrets: configure  ## how many credentials are found, and how often something else is taken for one
	@cmake --build $(BUILD) --target chat_secrets_bench
	@$(BUILD)/bench/chat_secrets_bench

eval-pii: configure  ## how much personal data is found in templates that no training saw
	@cmake --build $(BUILD) --target chat_pii_bench
	@$(BUILD)/bench/chat_pii_bench

bench-chat: configure  ## what the chat guards cost, and 100,000 ways to cut a stream
	@cmake --build $(BUILD) --target chat_guard_bench
	@$(BUILD)/bench/chat_guard_bench

redteam-chat: configure  ## attack a running chat guard, technique by technique; REDTEAM="--min-blocked 0.9 --max-refused 0.02" sets bars
	@cmake --build $(BUILD) --target bulwark
	@BULWARK=$(BUILD)/apps/bulwark/bulwark node tests/integration/chat/redteam.mjs $(REDTEAM)
