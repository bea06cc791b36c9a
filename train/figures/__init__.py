"""Figures of a classifier, each with its interval: whole subjects are drawn again and again."""
