// What a job says of a share that it had to sell and could not: said by the job, and known again
// among whatever else it says by whoever tells people, who have to act on it at once. Pure; any
// thread.
#pragma once

#include <string>
#include <string_view>

namespace bullpen::alerts {

// "NOT SOLD: INFY: nobody bought". A symbol has neither blanks nor colons.
std::string unsold_sentence(std::string_view symbol, std::string_view why);
// The first symbol that a text says so of; empty: none.
std::string unsold_symbol(std::string_view text);

}  // namespace bullpen::alerts
