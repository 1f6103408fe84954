#include "worker/indicators/market_indicators.hpp"
