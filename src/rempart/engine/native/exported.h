// What every source file of the native half includes: how a function is made visible to Python.
#pragma once

#define REMPART_EXPORT extern "C" __attribute__((visibility("default")))
