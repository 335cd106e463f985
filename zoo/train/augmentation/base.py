"""Images of a training batch shifted, cropped and flipped, each by a key of its own."""

import abc

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from ...datasets import Dataset
from ...errors import ConfigError
from ...types import Batch, Keys


class AbstractAugmentation(eqx.Module):
    """What training draws of an example each time that it shows it.

    To write your own, subclass and implement `check` and `drawn`. What an example is made into
    follows from its place in the data, the epoch and the run's key, whatever the batch size.
    Evaluation sees the examples as they are.
    """

    @abc.abstractmethod
    def check(self, data: Dataset) -> None:
        """Raise `ConfigError` for data that cannot be changed like this."""

    def background(self, data: Dataset) -> np.ndarray | None:
        """What `drawn` is given as `background`; None, as here, for what has no use for one."""
        return None

    @abc.abstractmethod
    def drawn(self, batch: Batch, background: Float[Array, " C"] | None, keys: Keys) -> Batch:
        """The batch as it is shown; `background` is what the method of that name gives."""


class Augmentation(AbstractAugmentation):
    """What is drawn of an image [height, width, channels] each time that training shows it."""

    shift: int = eqx.field(static=True, default=0)
    """Pixels that an image is moved by at most, in each direction; the background moves in."""
    crop: int = eqx.field(static=True, default=0)
    """Pixels that are cut off at most; the rest is enlarged to the image's size (bilinear)."""
    flip: bool = eqx.field(static=True, default=False)
    """Whether every second image is mirrored, left to right."""

    def background(self, data: Dataset) -> np.ndarray:
        """The least value of each channel, as it was learned, or else of the training images."""
        learned = data.preprocessing.background
        return np.min(data.sampled.train["x"], axis=(0, 1, 2)) if learned is None else learned

    def drawn(self, batch: Batch, background: Float[Array, " C"] | None, keys: Keys) -> Batch:
        """The batch with its images changed, each by a key of its own."""
        assert background is not None, "images have one"
        x = jnp.asarray(batch["x"])
        return {**batch, "x": jax.vmap(self, (0, None, 0))(x, background, keys)}

    def check(self, data: Dataset) -> None:
        """Raise `ConfigError` for data that are no images, and for as many pixels as one has."""
        told = ", ".join(f"{name} = {value}" for name, value in vars(self).items())
        if data.spec.kind != "image":
            raise ConfigError(
                f"{told}: they change images, and {data.name!r} holds {data.spec}: leave them out. "
                "Images are of shape (examples, height, width, channels)."
            )
        least = min(data.spec.shapes["x"][:2])
        if max(self.shift, self.crop) >= least:
            raise ConfigError(f"{told}: expected less than {least}, the pixels of {data.spec}.")

    def __call__(
        self, x: Float[Array, "H W C"], background: Float[Array, " C"], key: PRNGKeyArray
    ) -> Float[Array, "H W C"]:
        """The image as it is shown; `background` is the least value of each channel."""
        shift, crop, flip = jax.random.split(key, 3)
        x = _cropped(x, self.crop, crop) if self.crop else x
        x = _shifted(x, self.shift, background, shift) if self.shift else x
        return jnp.where(jax.random.bernoulli(flip), x[:, ::-1], x) if self.flip else x


def _shifted(
    x: Float[Array, "H W C"], most: int, background: Float[Array, " C"], key: PRNGKeyArray
) -> Float[Array, "H W C"]:
    height, width, channels = x.shape
    framed = jnp.broadcast_to(background, (height + 2 * most, width + 2 * most, channels))
    framed = framed.at[most : most + height, most : most + width].set(x)
    down, right = jax.random.randint(key, (2,), 0, 2 * most + 1)
    return jax.lax.dynamic_slice(framed, (down, right, jnp.zeros_like(down)), x.shape)


def _cropped(x: Float[Array, "H W C"], most: int, key: PRNGKeyArray) -> Float[Array, "H W C"]:
    size_key, place_key = jax.random.split(key)
    cut = jax.random.randint(size_key, (), 0, most + 1).astype(x.dtype)
    begin = jnp.floor(jax.random.uniform(place_key, (2,), x.dtype) * (cut + 1))
    shape = jnp.asarray(x.shape[:2], x.dtype)
    scale = shape / (shape - cut)
    return jax.image.scale_and_translate(
        x, x.shape, (0, 1), scale, -begin * scale, "linear", antialias=False
    )
