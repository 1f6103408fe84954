// The floor of `bullpenctl status`: a program that prints N lines of the width of its table, and
// nothing else.
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
    const int count = argc > 1 ? std::atoi(argv[1]) : 500;
    for (int i = 0; i < count; ++i)
        std::printf(
            "a%04d        beta   RUNNING   -              active    %6d  0:12:34     0 "
            " 0.4 s   12 s  flat            0.00   2.1 MiB\n",
            i, 10'000 + i);
    return 0;
}
