#include "worker/report/exit_texts.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "worker/execution/close_reason.hpp"
#include "worker/risk/overdue.hpp"
#include "worker/risk/risk_gate.hpp"
#include "worker/strategy/decisions.hpp"

namespace bullpen::report {

namespace {

// Of an order whose reason nobody recorded: by what it was for.
struct Text {
    std::string_view code;
    std::string_view sentence;
};
constexpr std::array<Text, 3> k_purposes = {{
    {"exit", "an order closed it that says no more of why"},
    {"partial_exit", "an order closed its last part that says no more of why"},
    {"flatten", "all was to be closed, and the order says no more of why"},
}};

template <class Reason>
void add(std::vector<ExitText>& all, std::size_t from, std::size_t to) {
    for (auto i = from; i < to; ++i) {
        const auto reason = static_cast<Reason>(i);
        all.push_back({code(reason), std::string(sentence(reason))});
    }
}

std::vector<ExitText> made() {
    std::vector<ExitText> all;
    add<strategy::ExitReason>(all, 0, strategy::k_exit_reasons);
    const auto moves = all.size();
    add<strategy::MoveReason>(all, 0, strategy::k_move_reasons);
    for (auto i = moves; i < all.size(); ++i)
        all[i].sentence = "its stop was reached, which had been moved since " + all[i].sentence;
    add<risk::Limit>(all, 0, risk::k_limits);
    add<risk::Overdue>(all, 1, risk::k_overdues);
    add<execution::CloseReason>(all, 0, execution::k_close_reasons);
    for (const auto& [code, sentence] : k_purposes)
        all.push_back({code, std::string(sentence)});
    return all;
}

}  // namespace

const std::vector<ExitText>& exit_texts() {
    static const std::vector<ExitText> k_all = made();
    return k_all;
}

std::string_view exit_sentence(std::string_view code) {
    const auto& all = exit_texts();
    const auto found = std::ranges::find(all, code, &ExitText::code);
    return found == all.end() ? std::string_view() : found->sentence;
}

}  // namespace bullpen::report
