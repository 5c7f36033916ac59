"""Goldens of libs/quantisers, in double precision, by PyTorch: writes quantisers.json beside this file.

Run from anywhere: python3 tools/goldens/quantisers/quantisers.py
"""

import pathlib
import sys

import torch

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.append(str(FOLDER.parent))
from golden_file import save  # noqa: E402

torch.manual_seed(3)


def random(*shape):
    # Rounded to 32 bits, as the tests read it from the file.
    return torch.randn(*shape).float().double()


def straight_through(query, quantised):
    return query + (quantised - query).detach()


def perplexity(counts):
    shares = counts[counts > 0] / counts.sum()
    return torch.exp(-(shares * shares.log()).sum())


def vector_quantiser(beta=0.25):
    query = random(2, 5, 3).requires_grad_()
    codebook = random(4, 3)
    cotangent = random(2, 5, 3)
    distances = torch.cdist(query.detach().reshape(-1, 3), codebook)
    codes = distances.argmin(1).reshape(2, 5)
    nearest = codebook[codes]
    error = ((nearest - query) ** 2).sum(2).mean()
    commitment = beta * error
    quantised = straight_through(query, nearest)
    ((quantised * cotangent).sum() + commitment).backward()
    counts = torch.bincount(codes.flatten(), minlength=4).double()
    sums = torch.zeros(4, 3, dtype=torch.double).index_add_(0, codes.flatten(), query.detach().reshape(-1, 3))
    return {
        "query": query,
        "codebook": codebook,
        "cotangent": cotangent,
        "codes": codes.int(),
        "quantised": quantised,
        "commitment": commitment,
        "quantisationError": error,
        "codesInUse": (counts > 0).sum().double(),
        "batchPerplexity": perplexity(counts),
        "queryGradient": query.grad,
        "counts": counts,
        "sums": sums,
    }


def moving_averages(alpha=0.9, steps=6):
    """Exponentially smoothed K-means, with averages debiased as in Adam, and assignments by the old codebook."""
    queries = random(steps, 2, 6, 3)
    queries[:, :, :, 0] = queries[:, :, :, 0].abs()  # so that some codes are out of use at times
    codebook = random(5, 3) * 1.5
    case = {"codebook0": codebook.clone(), "queries": queries}
    counts = torch.zeros(5, dtype=torch.double)
    sums = torch.zeros(5, 3, dtype=torch.double)
    used = []
    for step in range(1, steps + 1):
        batch = queries[step - 1].reshape(-1, 3)
        one_hot = torch.nn.functional.one_hot(torch.cdist(batch, codebook).argmin(1), 5).double()
        used.append(one_hot.sum(0) > 0)
        counts = alpha * counts + (1 - alpha) * one_hot.sum(0)
        sums = alpha * sums + (1 - alpha) * one_hot.T @ batch
        debiased_counts = counts / (1 - alpha**step)
        debiased_sums = sums / (1 - alpha**step)
        ever = debiased_counts > 0
        codebook = codebook.clone()
        codebook[ever] = debiased_sums[ever] / debiased_counts[ever, None]
        case[f"codebook{step}"] = codebook
    # Useful only if some code is in use at one step and not at another.
    used = torch.stack(used)
    assert (used.any(0) & ~used.all(0)).any()
    case["counts"] = counts
    case["sums"] = sums
    case["weightOfBatches"] = torch.tensor(1 - alpha**steps, dtype=torch.double)
    return case


def argmax_quantiser(nu=0.3, epsilon=1e-3):
    query = random(2, 5, 4)
    query[0, 1] = -query[0, 1].abs()  # a position without a positive channel
    query[1, 4] = 0
    query.requires_grad_()
    cotangent = random(2, 5, 4)
    positive = torch.relu(query)
    simplex = positive / (positive.sum(2, keepdim=True) + epsilon)
    codes = simplex.argmax(2)
    one_hot = torch.nn.functional.one_hot(codes, 4).double()
    diversity = nu * ((4 * simplex.mean((0, 1)) - 1) ** 2).sum()
    quantised = straight_through(simplex, one_hot)
    ((quantised * cotangent).sum() + diversity).backward()
    counts = one_hot.sum((0, 1))
    return {
        "query": query,
        "cotangent": cotangent,
        "simplex": simplex,
        "codes": codes.int(),
        "quantised": quantised,
        "diversity": diversity,
        "quantisationError": ((one_hot - simplex) ** 2).sum(2).mean(),
        "codesInUse": (counts > 0).sum().double(),
        "batchPerplexity": perplexity(counts),
        "queryGradient": query.grad,
    }


def gradient_codebook(beta=0.25):
    """Equation 1 with its second term, whose gradient reaches the codebook."""
    query = random(2, 5, 3).requires_grad_()
    codebook = random(4, 3).requires_grad_()
    cotangent = random(2, 5, 3)
    codes = torch.cdist(query.detach().reshape(-1, 3), codebook.detach()).argmin(1).reshape(2, 5)
    nearest = codebook[codes]
    codebook_loss = ((nearest - query.detach()) ** 2).sum(2).mean()
    commitment = beta * ((nearest.detach() - query) ** 2).sum(2).mean()
    quantised = straight_through(query, nearest)
    ((quantised * cotangent).sum() + codebook_loss + commitment).backward()
    return {
        "query": query,
        "codebook": codebook,
        "cotangent": cotangent,
        "codes": codes.int(),
        "codebookLoss": codebook_loss,
        "commitment": commitment,
        "queryGradient": query.grad,
        "codebookGradient": codebook.grad,
    }


def softmax_quantiser(nu=0.7):
    """Softmax, and the diversity loss that raises the entropy of the mean: the paper prints it with a wrong sign."""
    query = random(2, 5, 4).requires_grad_()
    cotangent = random(2, 5, 4)
    simplex = torch.softmax(query, 2)
    codes = simplex.argmax(2)
    one_hot = torch.nn.functional.one_hot(codes, 4).double()
    entropy = torch.distributions.Categorical(probs=simplex.mean((0, 1))).entropy()
    diversity = -nu * entropy
    quantised = straight_through(simplex, one_hot)
    ((quantised * cotangent).sum() + diversity).backward()
    return {
        "query": query,
        "cotangent": cotangent,
        "codes": codes.int(),
        "quantised": quantised,
        "diversity": diversity,
        "quantisationError": ((one_hot - simplex) ** 2).sum(2).mean(),
        "queryGradient": query.grad,
    }


def committed_argmax_quantiser(nu=0.3, beta=0.6, epsilon=1e-3):
    """An AMAE with the commitment loss of equation 1, and the diversity loss as a mean over the codes."""
    query = random(2, 5, 4).requires_grad_()
    positive = torch.relu(query)
    simplex = positive / (positive.sum(2, keepdim=True) + epsilon)
    one_hot = torch.nn.functional.one_hot(simplex.argmax(2), 4).double()
    diversity = nu * ((4 * simplex.mean((0, 1)) - 1) ** 2).mean()
    commitment = beta * ((one_hot - simplex) ** 2).sum(2).mean()
    (diversity + commitment).backward()
    return {"query": query, "diversity": diversity, "commitment": commitment, "queryGradient": query.grad}


def finite_scalar_quantiser(levels=(4, 3, 5), margin=1e-3):
    """FSQ as in appendix A.1 of Mentzer et al., 2023."""
    query = random(2, 9, 3) * 1.5
    query[0, 0] = 30  # saturates tanh at 1
    query[0, 1] = -30
    query.requires_grad_()
    cotangent = random(2, 9, 3)
    levels = torch.tensor(levels, dtype=torch.double)
    half = (levels - 1) * (1 - margin) / 2
    offset = torch.where(levels % 2 == 1, 0.0, 0.5)
    bounded = torch.tanh(query + torch.tan(offset / half)) * half - offset
    rounded = straight_through(bounded, bounded.round())
    width = torch.div(levels, 2, rounding_mode="floor")
    quantised = rounded / width
    (quantised * cotangent).sum().backward()
    basis = torch.cat([torch.ones(1, dtype=torch.double), levels.cumprod(0)[:-1]])
    codes = ((rounded + width) * basis).sum(2).round().int()
    assert codes[0, 0] == levels.prod() - 1 and codes[0, 1] == 0
    return {
        "query": query,
        "cotangent": cotangent,
        "codes": codes,
        "quantised": quantised,
        "quantisationError": (((rounded - bounded) / width) ** 2).sum(2).mean(),
        "queryGradient": query.grad,
    }


save(
    FOLDER / "quantisers.json",
    {
        "vectorQuantiser": vector_quantiser(),
        "movingAverages": moving_averages(),
        "argmaxQuantiser": argmax_quantiser(),
        "gradientCodebook": gradient_codebook(),
        "softmaxQuantiser": softmax_quantiser(),
        "committedArgmaxQuantiser": committed_argmax_quantiser(),
        "finiteScalarQuantiser": finite_scalar_quantiser(),
    },
)
