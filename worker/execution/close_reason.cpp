#include "worker/execution/close_reason.hpp"

#include <array>

namespace bullpen::execution {

namespace {

struct Text {
    std::string_view code;
    std::string_view sentence;
};

constexpr std::array<Text, k_close_reasons> k_texts = {{
    {"protective_stop", "the stop was reached that was placed with the entry"},
    {"partial", "a part was closed at a profit"},
    {"unexpected_position", "nobody here decided on it, and `orders.unexpected` closes such a one"},
    {"stop_refused", "no protective stop could be placed behind it"},
    {"turned_over", "it had come to stand on the other side of its trade"},
    {"account_stopped", "the account was stopped, and `at_stop` closes what is held"},
    {"closed_elsewhere", "it went without an order of ours"},
    {"halted", "the account was halted"},
    {"operator", "an operator said so"},
}};

}  // namespace

std::string_view code(CloseReason reason) {
    return k_texts.at(static_cast<std::size_t>(reason)).code;
}

std::string_view sentence(CloseReason reason) {
    return k_texts.at(static_cast<std::size_t>(reason)).sentence;
}

Label label(CloseReason reason) {
    return Label::cut(code(reason));
}

}  // namespace bullpen::execution
