"""The quirks of vendors, each with the page that says so. What no page was found for is marked `assumed`.

Vendors change: an entry imitates one generation of models behind one endpoint, as documented in November 2026.
"""

from __future__ import annotations

from operator_agent.models.stub.quirks import Quirks

VENDORS: dict[str, Quirks] = {
    # GPT-5 and later. Efforts: `ReasoningEffort` of the openai package. `max_tokens`:
    # github.com/microsoft/vscode-copilot-release/issues/8065. `temperature`: github.com/johny-b/llmcomp/issues/69; that it is
    # fixed at every effort, and `top_p` too, is assumed. Unknown parameters:
    # github.com/teabranch/open-responses-server/issues/41. Thinking is not shown in Chat Completions:
    # openrouter.ai/docs/use-cases/reasoning-tokens. Assumed: the word "json", on when nothing is said.
    "openai": Quirks(
        places=("hidden",),
        switches=("reasoning_effort",),
        levels=frozenset({"none", "minimal", "low", "medium", "high", "xhigh", "max"}),
        unknown="refused",
        refused=frozenset({"max_tokens"}),
        fixed={"temperature": (1, 1), "top_p": (1, 1)},
        says_json=True,
        strict_schemas=True,
    ),
    # V4. Switches, on by default, the field, what must be sent back with tool calls, `max_tokens` includes thinking, sampling
    # parameters have no effect: api-docs.deepseek.com/guides/thinking_mode. Formats:
    # github.com/UKGovernmentBEIS/inspect_ai/issues/4916. The word "json": github.com/browserbase/stagehand/issues/1204. Forced
    # tools: github.com/deepseek-ai/DeepSeek-V3/issues/1376. Pictures: github.com/rikkahub/rikkahub/issues/1433. Cache:
    # docs.stigg.io/documentation/ai-agents/llm-wrappers/providers/deepseek. Assumed: other parameters are ignored, reasoning
    # tokens are in the details.
    "deepseek": Quirks(
        places=("reasoning_content",),
        switches=("thinking.type", "reasoning_effort"),
        echo="required",
        formats=frozenset({"json_object"}),
        says_json=True,
        forced_tools="not while thinking",
        sees=False,
        cached_usage="hit",
        errors="unnamed",
    ),
    # Kimi K2.5 and K2.6. Switch and what cannot be modified: platform.kimi.ai/docs/api/models-overview. Field, on by default:
    # platform.moonshot.ai/docs/guide/use-kimi-k2-thinking-model. Temperature 1 while thinking, else 0.6, and the message:
    # github.com/MoonshotAI/kimi-code/issues/686. What must be sent back: github.com/continuedev/continue/issues/11711. Forced
    # tools: github.com/UKGovernmentBEIS/inspect_ai/pull/5152. Assumed: usage, formats, no Responses API.
    "moonshot": Quirks(
        places=("reasoning_content",),
        switches=("thinking.type",),
        fixed={"temperature": (1, 0.6), "top_p": (0.95, 0.95), "presence_penalty": (0, 0), "frequency_penalty": (0, 0)},
        echo="required",
        forced_tools="not while thinking",
        cached_usage="top",
        responses=False,
        errors="unnamed",
    ),
    # GLM-4.7 to 5.2 (5.3 cannot be switched off: `off="refused"`, github.com/agentscope-ai/agentscope/discussions/4091). Switch,
    # on by default, thinking is to be sent back with tools: docs.z.ai/guides/capabilities/thinking-mode; nobody says that its
    # lack is an error. Effort, `json_object` only, `tool_choice` auto only, `max_tokens` only, no `stream_options`:
    # java.agentscope.io/v2/en/integration/model/glm. Assumed: what is not supported is ignored except for forced tools; text
    # only; usage; no Responses API.
    "zhipu": Quirks(
        places=("reasoning_content",),
        switches=("thinking.type", "reasoning_effort"),
        limits=("max_tokens",),
        formats=frozenset({"json_object"}),
        bad_format="ignored",
        forced_tools="refused",
        sees=False,
        responses=False,
        errors="unnamed",
    ),
    # Open Qwen3 on Model Studio. Switch and field: alibabacloud.com/help/en/model-studio/deep-thinking. Streams only while
    # thinking, in these words: alibabacloud.com/help/en/model-studio/error-code. On when nothing is said:
    # github.com/QuantumNous/new-api/pull/1109. No JSON mode while thinking: errs.dmxapi.cn/detail.php?id=1493. The word "json",
    # both formats: alibabacloud.com/help/en/model-studio/qwen-structured-output. Forced tools:
    # github.com/cloudwego/eino/issues/994. Assumed: `max_tokens` leaves thinking out, text only, other parameters are ignored.
    "qwen": Quirks(
        places=("reasoning_content",),
        switches=("enable_thinking",),
        stream_only=True,
        formats_thinking=frozenset(),
        says_json=True,
        forced_tools="not while thinking",
        limited="answer",
        sees=False,
        errors="unnamed",
    ),
    # A hybrid model with its reasoning parser. Field, kwargs, formats together with thinking:
    # docs.vllm.ai/en/stable/features/reasoning_outputs. No figure of reasoning up to 0.25:
    # github.com/vllm-project/vllm/issues/50895. No figure of the cache without a flag: github.com/vllm-project/vllm/issues/18062.
    # Assumed: a blind model, other parameters are ignored.
    "vllm": Quirks(
        places=("reasoning",),
        switches=("chat_template_kwargs.enable_thinking", "chat_template_kwargs.thinking"),
        reasoning_usage="missing",
        cached_usage="missing",
        sees=False,
        errors="unnamed",
    ),
    # A hybrid model with its reasoning parser. Kwargs: docs.sglang.io/docs/advanced_features/separate_reasoning. Field,
    # `reasoning_tokens` at the top, no figure of the cache: github.com/sgl-project/sglang/pull/17156. Assumed: a blind model,
    # other parameters are ignored.
    "sglang": Quirks(
        places=("reasoning_content",),
        switches=("chat_template_kwargs.enable_thinking", "chat_template_kwargs.thinking"),
        reasoning_usage="top",
        cached_usage="missing",
        sees=False,
        errors="unnamed",
    ),
    # Switches, `max_tokens` only, formats, pictures: docs.ollama.com/api/openai-compatibility. Levels, others being a 400:
    # github.com/ollama/ollama/pull/17141. Field, on when nothing is said, `think` is ignored:
    # github.com/ollama/ollama/issues/18121. Assumed: usage has three figures, other parameters are ignored.
    "ollama": Quirks(
        places=("reasoning",),
        switches=("reasoning_effort", "reasoning"),
        levels=frozenset({"none", "low", "medium", "high", "max"}),
        limits=("max_tokens",),
        reasoning_usage="missing",
        cached_usage="missing",
        errors="unnamed",
    ),
    # Switch, both places, `exclude`, figures of reasoning: openrouter.ai/docs/use-cases/reasoning-tokens. Assumed: a model that
    # thinks unasked and sees, the parts' other keys, `reasoning_effort` as an alias, other parameters are ignored.
    "openrouter": Quirks(
        places=("reasoning", "reasoning_details"),
        switches=("reasoning", "reasoning_effort"),
        errors="unnamed",
    ),
    # Switches, `include_thoughts`: ai.google.dev/gemini-api/docs/openai. Unknown names are a 400, in a list, and `google` is only
    # known inside `extra_body`: github.com/Alishahryar1/free-claude-code/issues/542. Assumed: the tag, on when nothing is said,
    # no figure of reasoning, no Responses API.
    "gemini": Quirks(
        places=("<thought>",),
        switches=("reasoning_effort", "extra_body.google.thinking_config"),
        levels=frozenset({"none", "minimal", "low", "medium", "high"}),
        shown_when_asked=True,
        unknown="refused",
        reasoning_usage="missing",
        responses=False,
        errors="list",
    ),
    # Switch, off unless asked, thinking is not shown, `response_format`, `seed`, `reasoning_effort` and `strict` are ignored, no
    # cache: platform.claude.com/docs/en/api/openai-sdk. Forced tools while thinking: github.com/can1357/oh-my-pi/issues/341.
    # Temperature while thinking: github.com/marimo-team/marimo/pull/5190; that both hold on this endpoint is assumed. Assumed: no
    # figure of reasoning.
    "anthropic": Quirks(
        places=("hidden",),
        switches=("thinking.type",),
        unasked=False,
        formats=frozenset(),
        bad_format="ignored",
        forced_tools="not while thinking",
        fixed={"temperature": (1, None)},
        reasoning_usage="missing",
        cached_usage="missing",
        responses=False,
        errors="unnamed",
    ),
    # Skywork o1 Open on somebody's vLLM. Thinking, planning and reflecting are in its outputs:
    # the model card of Skywork-o1-Open-Llama-3.1-8B. Assumed: no tags, nothing switches it, a format ends it, usage as with
    # vLLM.
    "skywork-o1": Quirks(
        places=("untagged",),
        switches=(),
        off="ignored",
        formats_end_thinking=True,
        reasoning_usage="missing",
        cached_usage="missing",
        sees=False,
        errors="unnamed",
    ),
    # DeepSeek-R1's distillations on somebody's vLLM, without a reasoning parser. No opening tag:
    # docs.sglang.io/docs/advanced_features/separate_reasoning. Assumed: nothing switches it, a format ends it, usage.
    "r1-distill": Quirks(
        places=("</think>",),
        switches=(),
        off="ignored",
        formats_end_thinking=True,
        reasoning_usage="missing",
        cached_usage="missing",
        sees=False,
        errors="unnamed",
    ),
}
