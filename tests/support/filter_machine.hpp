// The kernel's side of a filter of system calls: runs its program over a call as the kernel does.
#pragma once

#include <linux/seccomp.h>

#include <cstdint>
#include <cstring>
#include <stdexcept>

#include "common/sandbox/call_table.hpp"

namespace bullpen::test {

struct Judged {
    std::uint32_t answer = 0;
    int steps = 0;
};

inline Judged judge(const sandbox::Program& program, const seccomp_data& call) {
    Judged judged;
    std::uint32_t accumulator = 0;
    for (std::size_t at = 0;;) {
        const auto& step = program.at(at++);
        ++judged.steps;
        switch (step.code) {
            case BPF_LD | BPF_W | BPF_ABS:
                if (step.k > sizeof(call) - sizeof(accumulator) || step.k % 4 != 0)
                    throw std::out_of_range("it reads beyond the call");
                std::memcpy(&accumulator, reinterpret_cast<const char*>(&call) + step.k,
                            sizeof(accumulator));
                break;
            case BPF_ALU | BPF_AND | BPF_K: accumulator &= step.k; break;
            case BPF_JMP | BPF_JA: at += step.k; break;
            case BPF_JMP | BPF_JEQ | BPF_K: at += accumulator == step.k ? step.jt : step.jf; break;
            case BPF_JMP | BPF_JGE | BPF_K: at += accumulator >= step.k ? step.jt : step.jf; break;
            case BPF_RET | BPF_K: judged.answer = step.k; return judged;
            default: throw std::invalid_argument("an instruction that no filter of ours has");
        }
    }
}

}  // namespace bullpen::test
