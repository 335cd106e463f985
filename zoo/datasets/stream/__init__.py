"""Data that stay on disk: rows are read when a batch asks for them.

The first pass over a file learns means and deviations (`summary`), `parts` decides which rows are
for training, and `StreamedSplit` reads any rows of a part, prepared as those in memory are.

`grain`, `tf.data` and `torch.utils.data` are not used. Their iterators have a state of their own,
which a checkpoint would have to hold; here the batch of a step follows from the seed and the
step's number alone (`zoo.train.feed.batches`), so that a run resumes to the same bits from its
weights.
What they do beside that, worker processes for slow decoding, memory-mapped rows do not need: one
thread reads ahead (`zoo.train.feed.reading_ahead`).
"""
