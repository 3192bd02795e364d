"""A Whisper of two megabytes with random weights, in the files of a real one: it runs, and says nonsense."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

LANGUAGES = (
    "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml "
    "cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am "
    "yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su"
).split()
_SIZE, _HEADS, _LAYERS, _MELS = 8, 2, 1, 80


def make_tiny_whisper(folder: Path) -> Path:
    """Write the model's files into ``folder``, which must not exist. Needs the packages of the extra ``speech``."""
    import ctranslate2
    import numpy as np

    folder.mkdir(parents=True)
    tokens = _tokens()
    _write_tokenizer(folder / "tokenizer.json", tokens)
    spec = ctranslate2.specs.WhisperSpec(_LAYERS, _HEADS, _LAYERS, _HEADS)
    random = np.random.default_rng(7)

    def weights(*shape: int) -> Any:
        return random.normal(0, 0.3, shape).astype(np.float32)

    def linear(target: Any, out: int, into: int) -> None:
        target.weight, target.bias = weights(out, into), weights(out)

    def norm(target: Any) -> None:
        target.gamma, target.beta = np.ones(_SIZE, np.float32), np.zeros(_SIZE, np.float32)

    def attention(target: Any, parts: tuple[int, ...]) -> None:
        norm(target.layer_norm)
        for place, columns in zip(target.linear, parts, strict=True):
            linear(place, columns * _SIZE, _SIZE)

    def feed_forward(target: Any) -> None:
        norm(target.layer_norm)
        linear(target.linear_0, 4 * _SIZE, _SIZE)
        linear(target.linear_1, _SIZE, 4 * _SIZE)

    encoder, decoder = spec.encoder, spec.decoder
    encoder.conv1.weight, encoder.conv1.bias = weights(_SIZE, _MELS, 3), weights(_SIZE)
    encoder.conv2.weight, encoder.conv2.bias = weights(_SIZE, _SIZE, 3), weights(_SIZE)
    encoder.position_encodings.encodings = weights(1500, _SIZE)
    decoder.position_encodings.encodings = weights(448, _SIZE)
    decoder.embeddings.weight = weights(len(tokens), _SIZE)
    decoder.projection.weight = weights(len(tokens), _SIZE)
    norm(encoder.layer_norm)
    norm(decoder.layer_norm)
    for layer in (*encoder.layer, *decoder.layer):
        attention(layer.self_attention, (3, 1))
        feed_forward(layer.ffn)
    for layer in decoder.layer:
        attention(layer.attention, (1, 2, 1))
    spec.register_vocabulary(tokens)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.config.lang_ids = [tokens.index(f"<|{language}|>") for language in LANGUAGES]
    spec.config.alignment_heads = [(0, 0), (0, 1)]
    spec.validate()
    spec.optimize()
    spec.save(str(folder))
    return folder


def _tokens() -> list[str]:
    """As many as multilingual Whisper has, by which it is known as such; most of them are never said."""
    words = [*_bytes(), *(f"t{number}" for number in range(256, 50257))]
    marks = ["endoftext", "startoftranscript", *LANGUAGES, "translate", "transcribe", "startoflm", "startofprev"]
    marks += ["nospeech", "notimestamps"]
    return [*words, *(f"<|{mark}|>" for mark in marks), *(f"<|{0.02 * step:.2f}|>" for step in range(1501))]


def _bytes() -> list[str]:
    """The printable letters that stand for the 256 bytes (GPT-2's)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]


def _write_tokenizer(path: Path, tokens: list[str]) -> None:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    words = tokens[:50257]
    made = Tokenizer(models.BPE(vocab={token: number for number, token in enumerate(words)}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(
        [AddedToken(token, special=True, normalized=False) for token in tokens[50257 : 51865 - 1501]]
    )
    made.add_tokens([AddedToken(token, special=False, normalized=False) for token in tokens[51865 - 1501 :]])
    made.save(str(path))
    assert json.loads(path.read_text())["model"]["type"] == "BPE"
