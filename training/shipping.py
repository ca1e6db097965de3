"""The judge's network in the form that is shipped: targets are read once a plan, and attention is one operation.

onnxruntime computes that operation in pieces that stay in the processor's cache, as FlashAttention does (Dao et al.
2022), if nothing is added to its scores. What the judge adds is the same for all queries: nothing for a real token,
much less than nothing for padding, and how softly a head hears the targets. So it goes into a few more columns of the
keys, which meet ones in the queries; those of the values are empty.

A plan's targets have a thousand tokens, and to attend to them was half of the judge's time. Those whose keys are most
alike in a head are merged, as in token merging (Bolya et al. 2023), and count as many as they are.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.model import Judge, Panel

MORE = 4  # columns that carry what is added; four floats keep the rows of a matrix aligned
MERGING = 3  # times that every second token is merged into another: an eighth is left
SILENT = -1e4  # added to the score of what is not to be heard


class _Attention(torch.autograd.Function):
    """Softmax attention of queries (B, L, H * A) over keys and values (B, H, N, A): (B, L, H * A)."""

    @staticmethod
    def forward(ctx: Any, queries: Tensor, keys: Tensor, values: Tensor, heads: int) -> Tensor:
        apart = queries.unflatten(2, (heads, -1)).transpose(1, 2)
        return ((apart @ keys.transpose(-1, -2)).softmax(-1) @ values).transpose(1, 2).flatten(2)

    @staticmethod
    def symbolic(g: Any, queries: Any, keys: Any, values: Any, heads: int) -> Any:
        return g.op("com.microsoft::MultiHeadAttention", queries, keys, values, num_heads_i=heads, scale_f=1.0)


def widen_keys(keys: Tensor, added: Tensor) -> Tensor:
    """Give keys (…, N, A) the columns that carry what is added to their scores (…, N)."""
    return torch.cat([keys, (added / MORE)[..., None].expand(*keys.shape[:-1], MORE)], -1)


def merge_tokens(keys: Tensor, values: Tensor, times: int) -> tuple[Tensor, Tensor]:
    """Merge tokens (…, N, A) with widened keys, each time every second one into the other that has the likest key.

    One token more comes out, a silent one, so that there is one if N is 0.
    """
    rest = [*keys.shape[:-2], 2**times]
    keys = torch.cat([keys, widen_keys(keys.new_zeros(*rest, keys.shape[-1] - MORE), keys.new_full(rest, SILENT))], -2)
    values = torch.cat([values, values.new_zeros(*rest, values.shape[-1])], -2)
    sizes = torch.ones_like(keys[..., :1])
    for _ in range(times):
        alike = F.normalize(keys, dim=-1)
        nearest = (alike[..., ::2, :] @ alike[..., 1::2, :].transpose(-1, -2)).argmax(-1)
        places = torch.arange(keys.shape[-2] // 2, device=keys.device)
        joins = (places[:, None] == nearest[..., None, :]).to(keys.dtype)  # (…, N/2, N/2): which joins which
        total = sizes[..., 1::2, :] + joins @ sizes[..., ::2, :]
        keys, values = (((x * sizes)[..., 1::2, :] + joins @ (x * sizes)[..., ::2, :]) / total for x in (keys, values))
        sizes = total
    return torch.cat([keys[..., :-MORE], keys[..., -MORE:] + sizes.log() / MORE], -1), values


class ShippedPanel(nn.Module):
    """A panel that takes its targets as token ids or as what an earlier call made of them, and returns what it makes.

    Kept are keys and values (judges, N, H, merged tokens, D/H + MORE) and vectors (judges, T, D). A row of `targets`
    without a token is no target.
    """

    def __init__(self, panel: Panel, merging: int = MERGING) -> None:
        super().__init__()
        self.panel = panel
        self.merging = merging

    def forward(
        self, ids: Tensor, owner: Tensor, targets: Tensor, keys: Tensor, values: Tensor, vectors: Tensor
    ) -> tuple[Tensor, ...]:
        real = (targets > 0).any(1).nonzero()[:, 0]
        votes, encoded = [], []
        for m, judge in enumerate(self.panel.judges):
            t, own_keys, own_values = judge.encode_targets(targets)
            heard = [
                widen_keys(k, layer.gate[:, None].expand(k.shape[:2]))
                for layer, k in zip(judge.layers, own_keys, strict=True)
            ]
            merged = merge_tokens(torch.stack(heard), F.pad(torch.stack(own_values), (0, MORE)), self.merging)
            new = (*merged, t.index_select(0, real))
            all_keys, all_values = torch.cat([keys[m], new[0]], 2), torch.cat([values[m], new[1]], 2)
            x = _read(judge, ids, all_keys, all_values)
            votes.append(judge.decide(x, owner, torch.cat([vectors[m], new[2]])))
            encoded.append(new)
        logits = [torch.stack(x).mean(0) for x in zip(*votes, strict=True)]
        return (*logits, *(torch.stack(x) for x in zip(*encoded, strict=True)))


def _read(judge: Judge, ids: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """As `Judge.read`, with widened keys."""
    x = judge.embed(ids, 0)
    hidden = ((ids == 0).to(x.dtype) * SILENT)[:, None, :]
    for layer, target_keys, target_values in zip(judge.layers, keys.unbind(0), values.unbind(0), strict=True):
        q, k, v = layer.project(x)
        all_keys = torch.cat(
            [widen_keys(k, hidden.expand(k.shape[:3])), target_keys.expand(ids.shape[0], -1, -1, -1)], 2
        )
        all_values = torch.cat([F.pad(v, (0, MORE)), target_values.expand(ids.shape[0], -1, -1, -1)], 2)
        queries = F.pad(q, (0, MORE), value=1.0).transpose(1, 2).flatten(2)
        attended = _Attention.apply(queries, all_keys, all_values, layer.heads).unflatten(2, (layer.heads, -1))
        x = layer.finish(x, attended[..., :-MORE].flatten(2))
    return x
