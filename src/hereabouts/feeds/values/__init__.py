"""Values as feeds write them: text, times and numbers, brought to what kernels take."""
