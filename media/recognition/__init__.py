"""Speech to text: engines, the processes they run in, and the desk that hands them what callers say."""
