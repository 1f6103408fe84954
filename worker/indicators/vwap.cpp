#include "worker/indicators/vwap.hpp"
