"""Any server that speaks OpenAI's chat completions: a local Ollama, vLLM, llama.cpp, or OpenAI itself."""
