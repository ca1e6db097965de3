"""The judge as a network: a window of sentences is read once, with every target of the plan in view.

Each target's words are encoded on their own, whatever the text; the text's tokens then attend, in every layer, to one
another and to the tokens of all targets, which lets neighbouring targets compete. For a sentence s and a target t, an
attention from t over the tokens of s finds the evidence and pools it; small heads on the pooled vector say whether s
takes a position on t, which stance, and who holds it: the writer, the plan's sponsor, or a source that a word of the
window names.

The idea of putting the labels into the input is GLiNER's (Zaratiana et al. 2024).

Shapes: B windows, L text tokens, T targets, M tokens a target, S sentences, D width, H heads, N layers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

STANCES = ("pro", "con", "neutral")  # pro: endorses or raises; con: criticises or rejects; neutral: mentions
HOLDERS = ("author", "sponsor")


@dataclass(frozen=True)
class Shape:
    """Sizes of the encoder that the judge starts from."""

    layers: int
    width: int
    heads: int
    vocabulary: int
    inner: int
    positions: int = 512
    buckets: int = 0  # of distances between tokens that attention minds, as MPNet has them; 0: none


class Layer(nn.Module):
    """A BERT layer whose queries may also attend to keys and values from outside."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.heads = shape.heads
        self.query = nn.Linear(shape.width, shape.width)
        self.key = nn.Linear(shape.width, shape.width)
        self.value = nn.Linear(shape.width, shape.width)
        self.out = nn.Linear(shape.width, shape.width)
        self.norm1 = nn.LayerNorm(shape.width, eps=1e-12)
        self.up = nn.Linear(shape.width, shape.inner)
        self.down = nn.Linear(shape.inner, shape.width)
        self.norm2 = nn.LayerNorm(shape.width, eps=1e-12)
        self.dropout = nn.Dropout(dropout)
        self.gate = nn.Parameter(torch.full((shape.heads,), -2.0))  # targets are heard softly at first

    def split(self, x: Tensor) -> Tensor:
        """(B, L, D) -> (B, H, L, D/H)."""
        return x.view(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)

    def project(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return queries, scaled, with keys and values, each (B, H, L, D/H)."""
        q, k, v = self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x))
        return q * (q.shape[-1] ** -0.5), k, v

    def finish(self, x: Tensor, attended: Tensor) -> Tensor:
        """The new states (B, L, D), from those before and what the attention brought."""
        x = self.norm1(x + self.dropout(self.out(attended)))
        return self.norm2(x + self.dropout(self.down(F.gelu(self.up(x)))))

    def forward(
        self, x: Tensor, bias: Tensor, keys: Tensor | None = None, values: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the new states and this layer's own keys and values; `bias` is added to the attention's scores."""
        q, k, v = self.project(x)
        all_k = k if keys is None else torch.cat([k, keys.expand(x.shape[0], -1, -1, -1)], 2)
        all_v = v if values is None else torch.cat([v, values.expand(x.shape[0], -1, -1, -1)], 2)
        scores = q @ all_k.transpose(-1, -2)
        if keys is not None:
            quiet = self.gate[None, :, None, None].expand(x.shape[0], -1, bias.shape[-2], keys.shape[-2])
            bias = torch.cat([bias.expand(-1, self.heads, -1, -1), quiet], -1)
        a = (scores + bias).softmax(-1) @ all_v
        return self.finish(x, a.transpose(1, 2).reshape(x.shape)), k, v


class Judge(nn.Module):
    """Reads windows of text against the targets of one plan."""

    def __init__(self, shape: Shape, dropout: float = 0.1, head: int = 256) -> None:
        super().__init__()
        self.shape = shape
        d = shape.width
        self.words = nn.Embedding(shape.vocabulary, d)
        self.places = nn.Embedding(shape.positions, d)
        self.sides = nn.Embedding(2, d)
        self.norm = nn.LayerNorm(d, eps=1e-12)
        self.distances = nn.Embedding(shape.buckets, shape.heads) if shape.buckets else None
        self.layers = nn.ModuleList(Layer(shape, dropout) for _ in range(shape.layers))
        self.dropout = nn.Dropout(dropout)
        self.ask = nn.Linear(d, d, bias=False)  # target -> what it looks for
        self.show = nn.Linear(d, d, bias=False)  # token -> what it offers
        self.mix_token = nn.Linear(d, d)
        self.mix_target = nn.Linear(d, d)
        for square in (self.ask, self.show, self.mix_token, self.mix_target):
            nn.init.eye_(square.weight)  # start from the encoder's own similarity
        self.sharpness = nn.Parameter(torch.tensor([8.0, -6.0]))  # evidence: scale and offset
        self.near = nn.Parameter(torch.tensor([4.0, 4.0, -6.0]))  # presence: evidence, sentence similarity, offset
        self.join = nn.Linear(3 * d + 2, head)
        self.present = nn.Linear(head, 1)
        self.stance = nn.Linear(head, len(STANCES))
        self.holder = nn.Linear(head, len(HOLDERS))  # holders that no word of the window need name
        self.seek = nn.Linear(head, 192)  # pair -> the speaker that it looks for
        self.name = nn.Linear(d, 192)  # token -> the speaker that it names

    def embed(self, ids: Tensor, side: int) -> Tensor:
        places = torch.arange(ids.shape[1], device=ids.device)
        x = self.words(ids) + self.places(places) + self.sides.weight[side]
        return self.dropout(self.norm(x))

    def weigh(self, mask: Tensor) -> Tensor:
        """What is added to the attention's scores of tokens (B, L) that are real or padding: (B, 1 or H, 1 or L, L)."""
        bias = (~mask)[:, None, None, :].to(self.words.weight.dtype) * -1e4
        if self.distances is None:
            return bias
        places = torch.arange(mask.shape[1], device=mask.device)
        apart = sort_distances(places[:, None] - places[None, :], self.shape.buckets)
        near: Tensor = self.distances(apart).permute(2, 0, 1)[None]
        return bias + near

    def encode_targets(self, ids: Tensor) -> tuple[Tensor, list[Tensor], list[Tensor]]:
        """(T, M) token ids -> vectors (T, D) and, a layer, keys and values (H, tokens, D/H) of all targets together."""
        mask = ids > 0
        x = self.embed(ids, 1)
        bias = self.weigh(mask)
        real = mask.flatten().nonzero()[:, 0]
        keys, values = [], []
        for layer in self.layers:
            x, k, v = layer(x, bias)
            keys.append(k.transpose(0, 1).flatten(1, 2).index_select(1, real))
            values.append(v.transpose(0, 1).flatten(1, 2).index_select(1, real))
        m = mask[:, :, None].to(x.dtype)
        return (x * m).sum(1) / m.sum(1), keys, values

    def read(self, ids: Tensor, keys: list[Tensor], values: list[Tensor]) -> Tensor:
        """(B, L) text with the targets' keys and values in view -> token states (B, L, D)."""
        x = self.embed(ids, 0)
        bias = self.weigh(ids > 0)
        for layer, k, v in zip(self.layers, keys, values, strict=True):
            x, _, _ = layer(x, bias, k[None], v[None])
        return x

    def decide(self, x: Tensor, owner: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Token states (B, L, D), sentence masks (B, S, L), targets (T, D) -> logits.

        Returns presence (B, S, T), stance (B, S, T, 3), evidence (B, L, T) and the holder, one choice between the
        writer, the sponsor and each token that may name a source (B, S, T, 2 + L).
        """
        ask, show = F.normalize(self.ask(targets), dim=-1), F.normalize(self.show(x), dim=-1)
        close = show @ ask.T  # B, L, T
        evidence = close * self.sharpness[0] + self.sharpness[1]
        inside = owner[:, :, :, None]  # B, S, L, 1
        weights = (close[:, None] * 12.0 + (1.0 - inside) * -1e4).softmax(2)  # over tokens
        pooled = torch.einsum("bslt,bld->bstd", weights, self.mix_token(x))
        peak = (weights * close[:, None]).sum(2)
        mean = F.normalize((owner @ x) / owner.sum(-1, keepdim=True), dim=-1)
        whole = mean @ F.normalize(targets, dim=-1).T  # B, S, T
        about = self.mix_target(targets)[None, None].expand_as(pooled)
        h = F.gelu(self.join(torch.cat([pooled, pooled * about, about, peak[..., None], whole[..., None]], -1)))
        h = self.dropout(h)
        present = self.present(h)[..., 0] + self.near[0] * peak + self.near[1] * whole + self.near[2]
        named = self.seek(h) @ self.name(x)[:, None].transpose(-1, -2) / 12.0
        return present, self.stance(h), evidence, torch.cat([self.holder(h), named], -1)

    def forward(self, ids: Tensor, owner: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Token ids (B, L), sentence masks (B, S, L), target ids (T, M); id 0 is padding. Returns as `decide`."""
        vectors, keys, values = self.encode_targets(targets)
        return self.decide(self.read(ids, keys, values), owner, vectors)


class Panel(nn.Module):
    """Several judges of one make, of different seeds, who share the words' embeddings; their logits are averaged."""

    def __init__(self, judges: Sequence[Judge]) -> None:
        super().__init__()
        self.judges = nn.ModuleList(judges)
        for judge in judges[1:]:
            if not torch.equal(judge.words.weight, judges[0].words.weight):
                raise ValueError("judges of a panel have the same word embeddings")
            judge.words = judges[0].words

    def forward(self, ids: Tensor, owner: Tensor, targets: Tensor) -> tuple[Tensor, ...]:
        """As `Judge.forward`."""
        votes = [judge(ids, owner, targets) for judge in self.judges]
        return tuple(torch.stack(logits).mean(0) for logits in zip(*votes, strict=True))


def sort_distances(apart: Tensor, buckets: int) -> Tensor:
    """Sort distances between tokens into buckets, half of them for each direction, far ones ever coarser; as MPNet."""
    half, exact = buckets // 2, buckets // 4
    far = (apart.abs().clamp(min=1) / exact).log() / math.log(128 / exact) * (half - exact)
    size = torch.where(apart.abs() < exact, apart.abs(), (exact + far.long()).clamp(max=half - 1))
    return size + (apart < 0) * half


def load_encoder(judge: Judge, weights: dict[str, Tensor]) -> None:
    """Fill the judge's embeddings and layers with the weights of a BERT encoder."""
    own = {
        "words.weight": "embeddings.word_embeddings.weight",
        "places.weight": "embeddings.position_embeddings.weight",
        "sides.weight": "embeddings.token_type_embeddings.weight",
        "norm.weight": "embeddings.LayerNorm.weight",
        "norm.bias": "embeddings.LayerNorm.bias",
    }
    parts = {
        "query": "attention.self.query",
        "key": "attention.self.key",
        "value": "attention.self.value",
        "out": "attention.output.dense",
        "norm1": "attention.output.LayerNorm",
        "up": "intermediate.dense",
        "down": "output.dense",
        "norm2": "output.LayerNorm",
    }
    for n in range(judge.shape.layers):
        for mine, theirs in parts.items():
            for kind in ("weight", "bias"):
                own[f"layers.{n}.{mine}.{kind}"] = f"encoder.layer.{n}.{theirs}.{kind}"
    state = {mine: weights[theirs] for mine, theirs in own.items()}
    _, unexpected = judge.load_state_dict(state, strict=False)
    if unexpected:
        raise ValueError(f"weights that the judge does not know: {unexpected[:3]}")
