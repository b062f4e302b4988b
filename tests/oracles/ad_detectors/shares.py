"""In which features rows differ from their neighbours, term by term."""


def squared_differences(rows, points, ids):
    return [
        [
            sum((value - points[neighbor][feature]) ** 2 for neighbor in neighbors)
            for feature, value in enumerate(row)
        ]
        for row, neighbors in zip(rows, ids, strict=True)
    ]
