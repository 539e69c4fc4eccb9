#!/usr/bin/env python3
"""The generators: the same seed gives the same statements, and templates of the registry become types."""
import random
import unittest

from expressions import Expressions, read_signatures
from queries import Queries
from sql_types import Type, fits, parse, unify

FUNCTIONS = [
    ('abs', 'bigint', 'bigint', 'scalar', 'true', ''),
    ('concat', 'varchar', 'varchar', 'scalar', 'true', ''),
    ('transform', 'array(U)', 'array(T), function(T,U)', 'scalar', 'true', ''),
    ('map_keys', 'array(k)', 'map(k,v)', 'scalar', 'true', ''),
    ('round', 'decimal(rp,s)', 'decimal(p,s), integer', 'scalar', 'true', ''),
    ('regexp_like', 'boolean', 'varchar(x), joniregexp', 'scalar', 'true', ''),
    ('rand', 'double', '', 'scalar', 'false', ''),
    ('sum', 'bigint', 'bigint', 'aggregate', 'true', ''),
    ('rank', 'bigint', '', 'window', 'true', ''),
]


class GeneratorTest(unittest.TestCase):
    def make(self, seed):
        maker = Expressions(random.Random(seed), read_signatures(FUNCTIONS))
        rows = maker.table(3)
        return rows, [make() for make in (maker.root, maker.aggregate, maker.window) * 50], \
            [Queries(random.Random(f'{seed}:{i}'), read_signatures(FUNCTIONS)).statement() for i in range(50)]

    def test_the_seed_decides(self):
        self.assertEqual(self.make(7), self.make(7))
        self.assertNotEqual(self.make(7), self.make(8))

    def test_random_functions_are_left_out(self):
        self.assertNotIn('rand', [signature.name for signature in read_signatures(FUNCTIONS)])

    def test_templates_are_types_with_variables(self):
        bindings = {}
        self.assertTrue(unify(parse('map(k,array(v))'), parse('map(varchar(3), array(decimal(5,2)))'), bindings))
        self.assertEqual(bindings, {'k': Type('varchar'), 'v': Type('decimal')})
        self.assertFalse(unify(parse('array(e)'), parse('bigint'), {}))
        self.assertFalse(unify(parse('map(k,k)'), parse('map(bigint,date)'), {}))
        self.assertTrue(fits(parse('timestamp(3) with time zone'), parse('timestamp(9) with time zone')))
        self.assertEqual(str(Type('timestamp with time zone', (6,))), 'timestamp(6) with time zone')


if __name__ == '__main__':
    unittest.main()
