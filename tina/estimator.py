"""Tina in scikit-learn's manners: pictures and their classes in, an estimator that predicts out.

    model = TinaClassifier(labels={0: "cat", 1: "dog"}).fit(pictures, y)   # the pictures become the prompt
    model.predict(others), model.predict_proba(others), model.score(others, truth)
    TinaClassifier(prompt="cat, dog").fit()                                # by name alone

With scikit-learn (extra `sklearn`) it is one of its estimators, for `clone`, `Pipeline`, `cross_val_score` and
`GridSearchCV`; without, it has the same methods.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np

from tina.classifier.classifier import Classifier, Picture
from tina.errors import UserError
from tina.generator.tina import Tina
from tina.prompts.prompt import PICTURES, ClassPrompt, Prompt, PromptError
from tina.prompts.text import key_of

if TYPE_CHECKING:
    _Bases: Any = object
else:
    try:
        from sklearn.base import BaseEstimator, ClassifierMixin

        class _Bases(ClassifierMixin, BaseEstimator):
            def __sklearn_tags__(self) -> Any:
                tags = super().__sklearn_tags__()
                tags.input_tags.two_d_array = False  # pictures, and no table of numbers
                tags.target_tags.required = False  # a prompt may say all
                tags.classifier_tags.multi_class = True
                return tags

    except ImportError:  # the same manners, as far as this class needs them

        class _Bases:
            def get_params(self, deep: bool = True) -> dict[str, Any]:
                """The arguments of `__init__`."""
                return {name: getattr(self, name) for name in signature(type(self)).parameters}

            def set_params(self, **params: Any) -> Any:
                """Others of them."""
                if unknown := params.keys() - signature(type(self)).parameters.keys():
                    raise ValueError(f"Invalid parameter {sorted(unknown)[0]!r} for estimator {self!r}.")
                vars(self).update(params)
                return self

            def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
                """The share that is predicted right."""
                return float(np.average(self.predict(X) == np.asarray(y), weights=sample_weight))


class TinaClassifier(_Bases):  # type: ignore[misc]
    """An image classifier that is written from the pictures it is fitted on, from names, or from both.

    Args:
        labels: what the classes are called, by their value in `y`, or in their sorted order. By default a text in `y`
            is a name, and anything else is only a label, of which the pictures say what it is.
        prompt: classes with descriptions, as `Tina.generate` takes them: "cat: it purrs". Its labels are those of the
            classes; without pictures they are the values that `predict` gives.
        checkpoint: the Tina that writes: one that ships, a folder, or OWNER/NAME.
        steps: of sampling; by default the checkpoint's own.
        random_state: seed of the noise, and of which pictures are shown where there are more than 16 of a class.

    After `fit`: `classes_` (the values of `y`, sorted) and `classifier_` (a `tina.Classifier`, in the same order).
    """

    classes_: np.ndarray
    classifier_: Classifier

    def __init__(
        self,
        labels: Mapping[Any, str] | Sequence[str] | None = None,
        prompt: str | Prompt | None = None,
        *,
        checkpoint: str = "everyday",
        steps: int | None = None,
        random_state: int = 0,
    ):
        self.labels, self.prompt, self.checkpoint = labels, prompt, checkpoint
        self.steps, self.random_state = steps, random_state

    def fit(self, X: Sequence[Picture] | np.ndarray | None = None, y: Any = None) -> TinaClassifier:
        """Write the classifier.

        Args:
            X: pictures (paths, PIL pictures, or uint8 arrays, height x width x 3); none where names say all
            y: the class of each
        """
        tina = load_once(self.checkpoint)
        told = {} if self.prompt is None else self._told(tina, self.prompt)
        shown = self._shown(X, y)
        names = self._names(list(shown), [one.label for one in told.values()])
        classes = []
        for value, label in names.items():
            known = told.pop(key_of(label), None)
            only_label = self.labels is None and not known and not isinstance(value, str)
            pictures = tuple(shown.get(value, ()))
            if known:
                pictures = (*known.pictures, *pictures)[:PICTURES]
                classes.append(replace(known, label=label, pictures=pictures))
            else:
                classes.append(ClassPrompt(label, (), pictures, True if only_label else None))
        if told:
            raise UserError(f"The prompt names {next(iter(told.values())).label!r}, which is no class of y.")
        self.classes_ = np.array(list(names))
        self.classifier_ = tina.generate(Prompt(tuple(classes)), steps=self.steps, seed=self.random_state)
        return self

    def predict_proba(self, X: Sequence[Picture] | np.ndarray) -> np.ndarray:
        """n x K, with a column for each of `classes_`."""
        self._check_fitted()
        found: np.ndarray = self.classifier_.probabilities(X).double().numpy()
        return found / found.sum(1, keepdims=True)

    def predict(self, X: Sequence[Picture] | np.ndarray) -> np.ndarray:
        """The most probable of `classes_`, of each picture."""
        shares = self.predict_proba(X)
        return np.asarray(self.classes_[shares.argmax(1)])

    def _told(self, tina: Tina, prompt: str | Prompt) -> dict[str, ClassPrompt]:
        """The prompt's classes by the key of their labels; it may be of some of the classes only."""
        try:
            classes = (prompt if isinstance(prompt, Prompt) else tina.understand(prompt)).classes
        except PromptError as error:
            classes = error.classes
            if not classes:
                raise
        return {key_of(one.label): one for one in classes}

    def _shown(self, X: Sequence[Picture] | np.ndarray | None, y: Any) -> dict[Any, list[Picture]]:
        """Pictures by class, in the classes' order; where there are more than a prompt takes, some drawn by chance."""
        if X is None and y is None:
            return {}
        if X is None or y is None:
            raise ValueError(
                "TinaClassifier requires y to be passed, but the target y is None: it comes with the pictures."
            )
        truth = np.asarray(y)
        if truth.ndim != 1 or len(truth) != len(X):
            raise ValueError(f"y is one class for each of {len(X)} pictures, and not of shape {truth.shape}.")
        if truth.dtype.kind == "f" and not np.array_equal(truth, np.floor(truth), equal_nan=False):
            raise ValueError(
                "Unknown label type: y is continuous, or has NaN in it; classes are names or whole numbers."
            )
        if truth.dtype.kind == "f" and not np.isfinite(truth).all():
            raise ValueError("y has infinity in it; classes are names or whole numbers.")
        draw, found = np.random.default_rng(self.random_state), {}
        for value in np.unique(truth).tolist():
            places = draw.permutation(np.flatnonzero(truth == value))[:PICTURES]
            found[value] = [X[place] for place in sorted(places.tolist())]
        if len(found) < 2:
            raise ValueError("A classifier needs at least two classes, and there is one class in y.")
        return found

    def _names(self, values: Sequence[Any], told: Sequence[str]) -> dict[Any, str]:
        """What each class is called, by its value in `y`; without any `y` the names are the values."""
        if isinstance(self.labels, Mapping):
            values = values or sorted(self.labels)
            if missing := [value for value in values if value not in self.labels]:
                raise UserError(f"There is no label for the class {missing[0]!r}.")
            return {value: self.labels[value] for value in values}
        names = list(told if self.labels is None else self.labels)
        if not values:
            return {name: name for name in sorted(names)}
        if self.labels is None:
            return {value: str(value) for value in values}
        if len(names) != len(values):
            raise UserError(f"There are {len(names)} labels for {len(values)} classes.")
        return dict(zip(values, names, strict=True))

    def _check_fitted(self) -> None:
        if hasattr(self, "classifier_"):
            return
        sentence = "This TinaClassifier is not fitted yet: call fit first."
        try:
            from sklearn.exceptions import NotFittedError
        except ImportError:
            raise AttributeError(sentence) from None
        raise NotFittedError(sentence)


@cache
def load_once(checkpoint: str) -> Tina:
    """Loaded once, however often something is fitted."""
    found: Tina = Tina.from_pretrained(checkpoint)
    return found
