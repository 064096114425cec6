"""Workloads measured beside the limit of the same server, in the same run (`make bench`).

The limit of a workload is the smallest SQL that could do the same business. Times alone say
little on another machine; the ratio does.
"""
